/** How often a quota is there anew: by the calendar (UTC), or every so many milliseconds since 1970. */
export type Period = "day" | "month" | number;

/** In milliseconds since 1970; the end belongs to the next one. */
export type Window = Readonly<{ start: number; end: number }>;

const DAY_MS = 86_400_000;

/** The period that runs at a time. */
export function windowAt(period: Period, now: number): Window {
  if (period === "month") {
    const at = new Date(now);
    const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
    return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) };
  }
  const length = period === "day" ? DAY_MS : period;
  const start = Math.floor(now / length) * length;
  return { start, end: start + length };
}
