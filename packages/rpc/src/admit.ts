import type { HandlerContext } from "@connectrpc/connect";
import { FairPlaces, type PlacesOptions } from "@forerun/runtime/fair-places";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { callerOf } from "./call-context.ts";

/**
 * Calls that one process works on at a time, and how they are shared out. What waits longer is refused while its caller can still
 * do something else.
 */
const CALLS: PlacesOptions = { running: 2_000, perTenant: 1_600, waiting: 64, waitMs: 40 };

/** Places for the costly calls of a service. */
export function callPlaces(options: PlacesOptions = CALLS): FairPlaces {
  return new FairPlaces(options);
}

/**
 * A place for this call, to be disposed of at its end. Without one it throws, before any work: RESOURCE_EXHAUSTED with a hint,
 * which no channel retries, so that overload is not made worse.
 */
export async function admit(places: FairPlaces, ctx: HandlerContext): Promise<Disposable> {
  const entry = await places.enter(callerOf(ctx).tenant, ctx.signal);
  switch (entry.kind) {
    case "entered":
      return { [Symbol.dispose]: entry.leave };
    case "full":
      throw tooBusy();
    case "stopped":
      throw ctx.signal.reason;
    default:
      return entry satisfies never;
  }
}

function tooBusy(): ForerunError {
  const message = "as many calls are running as this service takes on";
  return new ForerunError("FR-E1306", "resource_exhausted", message, "Try again in a moment.", {
    retryAfterMs: 1_000,
  });
}
