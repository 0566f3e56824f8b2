import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { type ChatClient, isTerminal, textOf } from "../../support/chat-client.ts";
import type { FollowedTurn } from "./followed-turn.ts";

/**
 * What a turn has to be, whatever happened: what is said of it in both places agrees, and nothing was cut off in silence. Where
 * `mayFail`, an end that says so is one too.
 */
export async function checkTurn(
  client: ChatClient,
  { mark, turnId, events, gaveUp }: FollowedTurn,
  { wholeText, mayFail }: { wholeText: string; mayFail: boolean },
): Promise<{ turn: Turn | undefined; violations: string[] }> {
  const named = (faults: string[]) => faults.map((fault) => `${mark}: ${fault} (turn ${turnId})`);
  if (gaveUp !== undefined) return { turn: undefined, violations: named([gaveUp]) };
  const { turn } = await client.getTurn({ turnId: turnId ?? "" });
  if (!turn) return { turn, violations: named(["is not there any more"]) };
  const reset = events.findLastIndex(({ event }) => event.case === "outputReset");
  const text = textOf(events.slice(reset + 1));
  const ends = events.filter(isTerminal).length;
  const faults = [
    ...(turn.endTime ? [] : ["has no end"]),
    ...(ends === 1 ? [] : [`${ends} terminal events`]),
    ...(events.every((event, at) => follows(event, events[at - 1])) ? [] : ["events are missing or doubled"]),
    ...(turn.text === text ? [] : ["the turn's text is not what its events say"]),
    ...(turn.state !== TurnState.COMPLETED || text === wholeText ? [] : ["completed with half an answer"]),
    ...(mayFail || turn.state === TurnState.COMPLETED
      ? []
      : [`ended in state ${turn.state} ${turn.errorCode}${turn.reason}`]),
  ];
  return { turn, violations: named(faults) };
}

/** The next sequence; or the reset of a later epoch, from which a client goes on that stood in an older one. */
function follows({ sequence, epoch, event }: TurnEvent, before: TurnEvent | undefined): boolean {
  if (!before) return sequence === 1;
  if (epoch > before.epoch) return event.case === "outputReset" && sequence > before.sequence;
  return epoch === before.epoch && sequence === before.sequence + 1;
}
