import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { readable } from "../waterfall/draw.ts";
import type { Timeline } from "../waterfall/spans.ts";

/** `14:03:07  0193a1b2-c3d4  1.24 s  first word 420 ms  early 1 of 2 used, 300 ms saved` */
export function turnLine(turn: Turn, { totalMs, firstWordMs }: Timeline, now: Date): string {
  const parts = [
    now.toTimeString().slice(0, 8),
    turn.turnId.slice(0, 13),
    readable(totalMs).padStart(7),
    firstWordMs === undefined ? "no word" : `first word ${readable(firstWordMs)}`,
    ...early(turn),
    ...ending(turn),
  ];
  return `  ${parts.join("  ")}`;
}

function early({ toolCalls }: Turn): string[] {
  const started = toolCalls.filter((record) => record.early);
  if (started.length === 0) return [];
  const used = started.filter(({ outcome }) => outcome === Outcome.HIT || outcome === Outcome.LATE);
  const savedMs = started.reduce((sum, record) => sum + record.savedMs, 0);
  return [`early ${used.length} of ${started.length} used, ${readable(savedMs)} saved`];
}

function ending({ state, errorCode, reason }: Turn): string[] {
  switch (state) {
    case TurnState.FAILED:
      return [`failed ${errorCode}${reason && ` (${reason})`}`];
    case TurnState.INCOMPLETE:
      return [`incomplete: ${reason}`];
    case TurnState.CANCELLED:
      return ["cancelled"];
    default:
      return [];
  }
}
