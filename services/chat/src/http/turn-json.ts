import { type JsonObject, toJson } from "@bufbuild/protobuf";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { type Turn, TurnSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { ServerSentEvent } from "./event-stream.ts";

/** Proto field names, and fields at their default too: readers need not know what may be left out. */
const PRINT = { useProtoFieldName: true, alwaysEmitImplicit: true } as const;

export function turnJson(turn: Turn): JsonObject {
  return toJson(TurnSchema, turn, PRINT) as JsonObject;
}

/** An event under its oneof name. Heartbeat, go_away and snapshot have no sequence, hence no id and no place to resume from. */
export function turnServerSentEvent(event: TurnEvent): ServerSentEvent {
  const json = toJson(TurnEventSchema, event, PRINT) as JsonObject;
  const name = eventName(event);
  if (event.sequence > 0) {
    return { id: `${event.epoch}.${event.sequence}`, event: name, data: JSON.stringify(json) };
  }
  delete json.sequence;
  return { event: name, data: JSON.stringify(json) };
}

/** The oneof's field name, for example "output_text_delta"; "unknown" for a kind this build does not know. */
function eventName({ event }: TurnEvent): string {
  return (event.case && TurnEventSchema.field[event.case]?.name) ?? "unknown";
}

const TERMINAL = new Set(["turnCompleted", "turnIncomplete", "turnFailed", "turnCancelled"]);

export function isTerminal({ event }: TurnEvent): boolean {
  return event.case !== undefined && TERMINAL.has(event.case);
}
