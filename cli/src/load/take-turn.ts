import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { Speculation } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Reach } from "../reach.ts";
import type { MixEntry } from "./mix.ts";
import type { Tally } from "./tally.ts";

/** Longest turn that is waited for. */
const TURN_MS = 120_000;

/** Asks once, over one connection, and notes what comes of it: a stream that breaks is a refusal. Never rejects. */
export async function takeTurn(server: Reach, entry: MixEntry, dueAt: number, tally: Tally): Promise<void> {
  const speculation = entry.speculation === "off" ? Speculation.OFF : Speculation.AUTO;
  const input = { text: entry.text, idempotencyKey: randomUUID(), speculation };
  const elapsed = () => performance.now() - dueAt;
  let spoken = false;
  try {
    for await (const { event } of server.chat.chat(
      { input },
      { ...server.callerOptions(), timeoutMs: TURN_MS },
    )) {
      switch (event?.event.case) {
        case "outputTextDelta":
          if (!spoken) tally.firstText(elapsed());
          spoken = true;
          break;
        case "turnCompleted":
        case "turnIncomplete":
        case "turnFailed":
        case "turnCancelled":
          if (event.event.value.turn) tally.ended(event.event.value.turn, elapsed());
          return;
        default:
      }
    }
    tally.refused("broken_stream");
  } catch (fault) {
    tally.refused(statusOf(fault));
  }
}

/** "ResourceExhausted" as contracts print it: resource_exhausted. */
function statusOf(fault: unknown): string {
  const name = Code[ConnectError.from(fault).code] ?? "unknown";
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
