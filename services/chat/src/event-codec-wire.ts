/** Events as the log stores them: consecutive ones of one turn and epoch, each a TurnEvent message after its length. */
import { fromBinary } from "@bufbuild/protobuf";
import { sizeDelimitedEncode, sizeDelimitedPeek } from "@bufbuild/protobuf/wire";
import { TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { READ_OPTIONS } from "@forerun/rpc/codec";
import type { TurnEvent } from "./turn-event.ts";
import { fromWireEvent, toWireEvent } from "./turn-wire.ts";

/** What all events of a chunk share; the log's row holds it once. */
export type ChunkPlace = { turnId: string; traceId: string; epoch: number; firstSequence: number };

/** One event's share of a chunk; a chunk is the concatenation of its events' shares. */
export function encodeEvent(event: TurnEvent): Uint8Array {
  const wire = toWireEvent(event);
  // In the chunk's row, or counted from its first sequence.
  Object.assign(wire, { turnId: "", traceId: "", epoch: 0, sequence: 0 });
  return sizeDelimitedEncode(TurnEventSchema, wire);
}

/** Kinds that this version does not know are left out; the others keep their sequences. */
export function decodeEvents(chunk: Uint8Array, place: ChunkPlace): TurnEvent[] {
  const { turnId, traceId, epoch, firstSequence } = place;
  const events: TurnEvent[] = [];
  let rest = chunk;
  for (let sequence = firstSequence; rest.length > 0; sequence += 1) {
    const { size, offset } = sizeDelimitedPeek(rest);
    if (size === null) throw new Error(`a chunk of turn ${turnId} is cut off`);
    const end = offset + size;
    const event = fromWireEvent(fromBinary(TurnEventSchema, rest.subarray(offset, end), READ_OPTIONS));
    if (event) events.push({ ...event, turnId, traceId, epoch, sequence });
    rest = rest.subarray(end);
  }
  return events;
}
