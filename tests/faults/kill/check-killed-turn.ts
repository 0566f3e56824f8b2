import { toBinary } from "@bufbuild/protobuf";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { allEvents, type ChatClient, isTerminal, textOf } from "../../support/chat-client.ts";
import type { KilledTurn } from "./killed-turn.ts";

export type CheckedTurn = { turn: Turn; violations: string[] };

/** What a turn must be after its process was killed and another one has started: ended once, and told as it was told before. */
export async function checkKilledTurn(client: ChatClient, killed: KilledTurn): Promise<CheckedTurn> {
  const { turnId, question, point, seen } = killed;
  const { turn } = await client.getTurn({ turnId });
  if (!turn) throw new Error("the answer holds no turn");
  const named = (faults: string[]) => faults.map((fault) => `${point.name}: ${fault} (turn ${turnId})`);
  // Whoever follows a turn that nobody ends would wait for ever.
  if (!turn.endTime) return { turn, violations: named([`still stands in state ${turn.state}`]) };
  const events = await allEvents(client.streamTurn({ turnId }));
  const again = await client.createTurn({ input: question });
  const faults = [
    ...endFaults(turn, point.mayEnd),
    ...logFaults(turn, events),
    ...(startsWith(events, seen) ? [] : ["what was delivered before is not what the log holds"]),
    ...(textOf(events) === turn.text ? [] : ["the turn's text is not what its events say"]),
    ...(again.turn?.turnId === turnId ? [] : ["the same request made another turn"]),
  ];
  return { turn, violations: named(faults) };
}

function endFaults(turn: Turn, mayEnd: boolean): string[] {
  if (turn.state === TurnState.COMPLETED) return mayEnd ? [] : ["completed without its end"];
  if (turn.state !== TurnState.FAILED) return [`ended in state ${turn.state}`];
  return turn.errorCode === "unavailable" && turn.retryable ? [] : [`failed as ${turn.errorCode}`];
}

function logFaults(turn: Turn, events: readonly TurnEvent[]): string[] {
  const faults: string[] = [];
  if (events.some(({ sequence }, at) => sequence !== at + 1)) faults.push("sequences have gaps");
  if (events.some(({ epoch }) => epoch !== turn.epoch)) faults.push("epochs differ");
  const ends = events.filter(isTerminal).length;
  if (ends !== 1) faults.push(`${ends} terminal events`);
  const last = events.at(-1);
  if (!last || !isTerminal(last)) faults.push("the last event is not terminal");
  if (turn.lastSequence !== events.length) faults.push("the turn and its log differ in length");
  return faults;
}

/** Durable first, then delivered: a follower has seen nothing that the log does not hold. */
function startsWith(events: readonly TurnEvent[], seen: readonly TurnEvent[]): boolean {
  const bytes = (event: TurnEvent | undefined) =>
    event ? Buffer.from(toBinary(TurnEventSchema, event)).toString("base64") : "";
  return seen.every((event, at) => bytes(event) === bytes(events[at]));
}
