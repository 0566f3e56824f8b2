/** Milliseconds a call may take: `default` where the client sets none, never more than `cap`. */
export type Deadlines = Readonly<{
  unary: Readonly<{ default: number; cap: number }>;
  stream: Readonly<{ default: number; cap: number }>;
}>;

/** A stream may last an hour, so that watchers need no deadline of their own; they reconnect after it. */
export const DEADLINES: Deadlines = {
  unary: { default: 90_000, cap: 600_000 },
  stream: { default: 3_600_000, cap: 3_600_000 },
};

/** Like Connect, reads 0 and less as "none asked for"; here the default holds then. */
export function timeoutFor(deadlines: Deadlines, streams: boolean, askedMs: number | undefined): number {
  const bounds = streams ? deadlines.stream : deadlines.unary;
  return Math.min(askedMs !== undefined && askedMs > 0 ? askedMs : bounds.default, bounds.cap);
}
