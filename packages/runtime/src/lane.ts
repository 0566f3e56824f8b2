import type { Caller } from "./caller.ts";
import { ForerunError } from "./forerun-error.ts";

/** Of callers whose token names no queue class. */
export const DEFAULT_LANE = "default";

/** The lane that a caller's tool calls take: whose executors run them, on which subjects of the bus. */
export function laneOf({ queue }: Pick<Caller, "queue">): string {
  return queue ?? DEFAULT_LANE;
}

/** FR-E1329, for callers that are meant for other executors, or for none that there are. */
export function notThisLane(caller: Pick<Caller, "queue">): ForerunError {
  return new ForerunError(
    "FR-E1329",
    "permission_denied",
    `calls of the lane "${laneOf(caller)}" are not taken here`,
    "name the lane and its executors under lanes in forerun.yaml, or have the issuer put the right queue into the token",
  );
}
