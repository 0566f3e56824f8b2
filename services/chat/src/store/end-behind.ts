import { encodeEvent } from "../event-codec-wire.ts";
import type { Turn } from "../turn.ts";
import { terminalEvent } from "./terminal-event.ts";

type End = Pick<Turn, "state" | "endTime"> & Partial<Pick<Turn, "reason" | "errorCode" | "retryable">>;

/** A turn's end behind all that its log holds, for one that nobody drives: the ended turn, and the chunk with its terminal event. */
export function endBehind(stands: Turn, end: End & { endTime: Date }, epoch: number) {
  const sequence = stands.lastSequence + 1;
  const turn: Turn = { ...stands, ...end, epoch, lastSequence: sequence };
  const { turnId, traceId } = turn;
  const place = { turnId, sequence, epoch, createTime: end.endTime, stepId: "", traceId };
  const data = encodeEvent({ ...place, body: terminalEvent(turn) });
  return { turn, chunk: { epoch, firstSequence: sequence, lastSequence: sequence, data } };
}
