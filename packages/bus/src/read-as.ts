import type { BusMessage } from "./bus.ts";
import type { BusObserver } from "./bus-event.ts";

/** What `decode` makes of a message; undefined where it throws: such a message is counted and left, and the others flow on. */
export function readAs<T>(
  { subject, data }: BusMessage,
  decode: (data: Uint8Array) => T,
  observe: BusObserver,
): T | undefined {
  try {
    return decode(data);
  } catch {
    observe({ kind: "dropped", reason: "undecodable", on: subject });
    return undefined;
  }
}
