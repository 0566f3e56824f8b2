/** Dates of the Gregorian calendar as wall clocks show them: no time zone, held as UTC. */

export type Span = Readonly<{ years: number; months: number; days: number }>;

export type Step = Readonly<
  Partial<Record<"years" | "months" | "weeks" | "days" | "hours" | "minutes", number>>
>;

const DAY_MS = 86_400_000;
const TEXT = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2})?)?$/;

/** Reads "2026-11-24" or "2026-11-24T14:05"; undefined for what is no date, such as 30 February. */
export function parseDate(text: string): Date | undefined {
  const match = TEXT.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute] = match.slice(1).map((part) => Number(part ?? 0));
  const date = utcDate(year ?? 0, (month ?? 0) - 1, day ?? 0, hour ?? 0, minute ?? 0);
  const same = date.getUTCMonth() + 1 === month && date.getUTCDate() === day && date.getUTCHours() === hour;
  return same && date.getUTCMinutes() === minute ? date : undefined;
}

/** "2026-11-24", or "2026-11-24T14:05" where the clock does not stand at midnight. */
export function formatDate(date: Date): string {
  const text = date.toISOString();
  return text.slice(11, 16) === "00:00" ? text.slice(0, 10) : text.slice(0, 16);
}

export function weekdayOf(date: Date): string {
  return new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(date);
}

/**
 * Adds years and months first, then the rest; a day that the month lacks becomes its last one (31 January and one month is
 * 28 February). Undefined beyond the years 1 to 9999.
 */
export function addTo(date: Date, step: Step): Date | undefined {
  const months = (step.years ?? 0) * 12 + (step.months ?? 0);
  const first = utcDate(date.getUTCFullYear(), date.getUTCMonth() + months, 1, 0, 0);
  const lastDay = utcDate(first.getUTCFullYear(), first.getUTCMonth() + 1, 0, 0, 0).getUTCDate();
  const timeOfDay = date.getTime() - startOfDay(date);
  const days = Math.min(date.getUTCDate(), lastDay) - 1 + (step.weeks ?? 0) * 7 + (step.days ?? 0);
  const ms = (step.hours ?? 0) * 3_600_000 + (step.minutes ?? 0) * 60_000;
  const sum = new Date(first.getTime() + days * DAY_MS + timeOfDay + ms);
  const year = sum.getUTCFullYear();
  return year >= 1 && year <= 9999 ? sum : undefined;
}

/** Whole days from one date to another, ignoring the time of day; negative when the second is earlier. */
export function daysBetween(from: Date, to: Date): number {
  return (startOfDay(to) - startOfDay(from)) / DAY_MS;
}

/** Mondays to Fridays among the days after `from` up to and including `to`; negative when `to` is earlier. */
export function weekdaysBetween(from: Date, to: Date): number {
  const days = daysBetween(from, to);
  if (days < 0) return -weekdaysBetween(to, from);
  const rest = days % 7;
  let weekdays = ((days - rest) / 7) * 5;
  for (let step = 1; step <= rest; step++) {
    if ((from.getUTCDay() + step) % 7 !== 0 && (from.getUTCDay() + step) % 7 !== 6) weekdays++;
  }
  return weekdays;
}

/** Years, months and days between two dates, the way ages are told; counted from the earlier one. */
export function spanBetween(left: Date, right: Date): Span {
  const [from, to] = left <= right ? [left, right] : [right, left];
  let months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  if (monthsLater(from, months) > startOfDay(to)) months--;
  const days = (startOfDay(to) - monthsLater(from, months)) / DAY_MS;
  return { years: Math.floor(months / 12), months: months % 12, days };
}

function monthsLater(date: Date, months: number): number {
  return startOfDay(addTo(date, { months }) ?? date);
}

function startOfDay(date: Date): number {
  return Math.floor(date.getTime() / DAY_MS) * DAY_MS;
}

/** Date.UTC reads the years 0 to 99 as 1900 to 1999. */
function utcDate(year: number, month: number, day: number, hour: number, minute: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute);
  return date;
}
