import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { duration } from "@forerun/timeline/duration";
import type { Timeline } from "@forerun/timeline/timeline";

/** `14:03:07  0193a1b2-c3d4  1.24 s  first word 420 ms  early 1 of 2 used, 300 ms saved` */
export function turnLine(turn: Turn, timeline: Timeline, now: Date): string {
  const { totalMs, firstWordMs } = timeline;
  const parts = [
    now.toTimeString().slice(0, 8),
    turn.turnId.slice(0, 13),
    duration(totalMs).padStart(7),
    firstWordMs === undefined ? "no word" : `first word ${duration(firstWordMs)}`,
    ...early(timeline),
    ...ending(turn),
  ];
  return `  ${parts.join("  ")}`;
}

function early({ early: { used, started }, savedMs }: Timeline): string[] {
  return started === 0 ? [] : [`early ${used} of ${started} used, ${duration(savedMs)} saved`];
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
