import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { ScriptedModel } from "@forerun/testing/scripted-model/server";
import { chatClient, eventsOf } from "../../support/chat-client.ts";
import type { RunningForerun } from "../../support/forerun-process.ts";
import { until } from "../../support/until.ts";
import type { KillPoint } from "./points.ts";

export type Question = { conversationId: string; text: string; idempotencyKey: string };

/** A turn whose process is gone: what was asked, and what its follower had seen by then. */
export type KilledTurn = { point: KillPoint; question: Question; turnId: string; seen: TurnEvent[] };

const WITHIN_MS = 30_000;

/** Asks, follows the turn to the point, and kills the process there. */
export async function killAt(
  point: KillPoint,
  question: Question,
  forerun: RunningForerun,
  model: ScriptedModel,
): Promise<KilledTurn> {
  const seen: TurnEvent[] = [];
  let over = false;
  const kill = () => {
    over ||= point.reached(seen, model) && forerun.child.kill("SIGKILL");
    return over;
  };
  const follow = async () => {
    for await (const event of eventsOf(chatClient(forerun.ready.http).chat({ input: question }))) {
      seen.push(event);
      // At once, not at the next look: some moments are short.
      kill();
    }
  };
  // Its stream breaks off with its process.
  const followed = follow().catch(() => {});
  await until(kill, point.name, WITHIN_MS);
  await Promise.all([forerun.stop("SIGKILL"), followed]);
  const turnId = seen[0]?.turnId;
  if (!turnId) throw new Error(`no event of the turn killed ${point.name} was seen`);
  return { point, question, turnId, seen };
}
