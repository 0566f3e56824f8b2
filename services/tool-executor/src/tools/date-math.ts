import { defineTool, type Tool, ToolFailure } from "@forerun/toolkit";
import { z } from "zod";
import {
  addTo,
  daysBetween,
  formatDate,
  parseDate,
  type Step,
  spanBetween,
  weekdayOf,
  weekdaysBetween,
} from "../calendar/calendar.ts";

const amount = z.int().min(-1_000_000).max(1_000_000);
const dateText = z.string().min(1).max(32);

const INPUT = z.strictObject({
  date: dateText
    .optional()
    .describe("Date to start from, YYYY-MM-DD or YYYY-MM-DDTHH:MM; today (UTC) when left out."),
  years: amount.optional().describe("Years to go from the date."),
  months: amount.optional().describe("Months to go from the date."),
  weeks: amount.optional().describe("Weeks to go from the date."),
  days: amount.optional().describe("Days to go from the date."),
  hours: amount.optional().describe("Hours to go from the date."),
  minutes: amount.optional().describe("Minutes to go from the date."),
  direction: z
    .enum(["after", "before"])
    .default("after")
    .describe("Whether to go to what lies after the date or before it (ago)."),
  until: dateText.optional().describe("Date to count the days to, YYYY-MM-DD."),
});

const day = z.strictObject({ date: z.string(), weekday: z.string() });
const OUTPUT = z.strictObject({
  start: day,
  result: day.optional().describe("The date that is so far after or before the start."),
  until: day.optional(),
  days: z
    .int()
    .optional()
    .describe("Days from the result (else the start) to `until`; negative when it is earlier."),
  weekdays: z.int().optional().describe("Mondays to Fridays among them, the last day included."),
  span: z
    .strictObject({ years: z.int(), months: z.int(), days: z.int() })
    .optional()
    .describe("The same in words of a calendar."),
});

/** Weekday of a date, a date some time away, days between two dates. */
export function dateMath(now: () => Date): Tool {
  return defineTool({
    name: "date_math",
    description:
      "Calculates with dates: adds or subtracts time, counts the days between two dates, tells the weekday of a date.",
    effect: "read",
    input: INPUT,
    output: OUTPUT,
    examples: [
      {
        text: "what date is 45 days after 2026-03-01?",
        arguments: { date: "2026-03-01", days: 45 },
      },
      {
        text: "how many days between 2026-01-15 and 2026-04-01",
        arguments: { date: "2026-01-15", until: "2026-04-01" },
      },
      { text: "what day of the week is 2026-12-25", arguments: { date: "2026-12-25" } },
      { text: "what is the date 3 weeks from today", arguments: { weeks: 3 } },
      { text: "how many days until 2026-12-31", arguments: { until: "2026-12-31" } },
      { text: "what was the date 90 days ago", arguments: { days: 90, direction: "before" } },
      { text: "add 2 months to 2026-07-31", arguments: { date: "2026-07-31", months: 2 } },
    ],
    timeoutMs: 1000,
    cacheTtlMs: 0,
    async run({ date, until, direction, ...amounts }) {
      const start = date === undefined ? today(now()) : dateOf(date);
      const result = moved(start, amounts, direction);
      const base = { start: dayOf(start), ...(result ? { result: dayOf(result) } : {}) };
      if (until === undefined) return base;
      const [from, to] = [result ?? start, dateOf(until)];
      return {
        ...base,
        until: dayOf(to),
        days: daysBetween(from, to),
        weekdays: weekdaysBetween(from, to),
        span: spanBetween(from, to),
      };
    },
    render: ({ start, result, until, days }) => {
      const from = result ?? start;
      if (until && days !== undefined)
        return `From ${said(from)} to ${said(until)} it is ${days} ${Math.abs(days) === 1 ? "day" : "days"}.`;
      return result ? `It is ${said(result)}.` : `${start.date} is a ${start.weekday}.`;
    },
  });
}

function said({ date, weekday }: { date: string; weekday: string }): string {
  return `${weekday}, ${date.replace("T", " ")}`;
}

function dayOf(date: Date): { date: string; weekday: string } {
  return { date: formatDate(date), weekday: weekdayOf(date) };
}

function dateOf(text: string): Date {
  const date = parseDate(text);
  if (date) return date;
  throw new ToolFailure(
    "invalid_arguments",
    `"${text}" is not a date; write YYYY-MM-DD, for example 2026-11-24.`,
  );
}

/** Undefined when there is nowhere to go. */
function moved(
  start: Date,
  amounts: { [K in keyof Step]: number | undefined },
  direction: "after" | "before",
): Date | undefined {
  const sign = direction === "before" ? -1 : 1;
  const given = Object.entries(amounts).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  const result = addTo(start, Object.fromEntries(given.map(([unit, value]) => [unit, sign * (value ?? 0)])));
  if (result) return result;
  throw new ToolFailure("invalid_arguments", "The result lies beyond the years 1 to 9999.");
}

function today(now: Date): Date {
  return new Date(now.toISOString().slice(0, 10));
}
