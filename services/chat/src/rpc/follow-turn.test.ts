import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { expect, it } from "vitest";
import { acceptedTurn } from "../fold-turn.ts";
import type { TurnLog } from "../ports.ts";
import type { Turn } from "../turn.ts";
import type { StreamItem } from "../turn-event.ts";
import { endedTurn, FROM_THE_START, followTurn } from "./follow-turn.ts";

const never = new AbortController().signal;

/** A log whose stream of a turn gives these items and stops; `turn` is what it knows of the turn afterwards. */
function logOf(turn: Turn | undefined, ...items: StreamItem[]): TurnLog {
  async function* stream() {
    yield* items;
  }
  return {
    get: async () => turn,
    attach: async () => ({ kind: "attached", items: stream() }),
  } as unknown as TurnLog;
}

async function follow(log: TurnLog): Promise<number> {
  let events = 0;
  for await (const _ of followTurn(log, LOCAL_CALLER, "t1", FROM_THE_START, never)) events += 1;
  return events;
}

it("tells readers of a turn that is deleted that there is no such turn any more", async () => {
  const log = logOf(undefined, { kind: "heartbeat", turnId: "t1" });
  await expect(follow(log)).rejects.toMatchObject({ code: "FR-E1702", status: "not_found" });
  await expect(endedTurn(log, LOCAL_CALLER, "t1", never)).rejects.toMatchObject({ code: "FR-E1702" });
});

it("has nothing more to say to a reader who has the last event", async () => {
  const ids = { turnId: "t1", conversationId: "k1", epoch: 1, traceId: "", createTime: new Date() };
  expect(await follow(logOf(acceptedTurn(ids)))).toBe(0);
});

it("lets a reader go that is sent elsewhere", async () => {
  const log = logOf(undefined, { kind: "goAway", turnId: "t1", reason: "shutdown" });
  expect(await follow(log)).toBe(1);
  await expect(endedTurn(log, LOCAL_CALLER, "t1", never)).rejects.toMatchObject({ code: "FR-E1709" });
});
