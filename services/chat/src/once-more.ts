import { setTimeout as sleep } from "node:timers/promises";
import { CollaboratorFault } from "./ending.ts";

/** Time for a client to see that a replica is gone, in milliseconds. */
const PAUSE_MS = 100;

/**
 * Does the work, and does it again where the service that it needs went away in the middle: another replica takes it up. `before`
 * undoes what the first try has shown. A service that answers that it cannot is not asked again.
 */
export async function onceMore<T>(
  work: (again: boolean) => Promise<T>,
  signal: AbortSignal,
  before: () => Promise<void> = async () => {},
): Promise<T> {
  try {
    return await work(false);
  } catch (fault) {
    if (signal.aborted || !wentAway(fault)) throw fault;
    await before();
    await sleep(PAUSE_MS, undefined, { signal });
    return work(true);
  }
}

/** Its connection broke: what a service says itself has a page. */
function wentAway(fault: unknown): boolean {
  return fault instanceof CollaboratorFault && fault.code === "unavailable" && fault.page === "";
}
