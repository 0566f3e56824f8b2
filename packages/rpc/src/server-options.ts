import type { Interceptor } from "@connectrpc/connect";
import type { Logger } from "@forerun/runtime/logger";
import { authorizing, type Door } from "./authorize.ts";
import type { Deadlines } from "./deadlines.ts";
import { readTextExactly } from "./exact-text.ts";
import { hidingFaults } from "./hide-faults.ts";
import { type Identify, identifying } from "./identify.ts";
import { type Observer, observing, type Tracer } from "./observe.ts";
import { validating } from "./validate.ts";

export const STALL_MS = 60_000;

/** What every binding of a server takes. */
export type ServerOptions = Readonly<{
  /** Gets the cause of each fault that clients see as an id. */
  log: Logger;
  /** Largest message in either direction, in bytes of its wire form. */
  maxMessageBytes: number;
  observe?: Observer;
  tracer?: Tracer;
  deadlines?: Deadlines;
  /** Milliseconds that a client may leave what waits for it unread before its call is ended. */
  stallMs?: number;
  /** Run after the caller is known and before validation. */
  interceptors?: readonly Interceptor[];
}>;

/** The interceptors of every binding, outermost first. */
export function serverInterceptors(
  options: ServerOptions,
  { identify, door }: Readonly<{ identify: Identify; door: Door }>,
): Interceptor[] {
  readTextExactly();
  return [
    observing(options),
    hidingFaults(options.log),
    identifying(identify),
    authorizing(door),
    ...(options.interceptors ?? []),
    validating(),
  ];
}
