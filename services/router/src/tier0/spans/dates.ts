import * as chrono from "chrono-node";
import type { Span } from "./span.ts";

export type DateSpan = Span &
  Readonly<{
    year: number;
    month: number;
    day: number;
    hour: number;
    minute: number;
    second: number;
    hasDate: boolean;
    hasTime: boolean;
    /** The year was said, not inferred from the reference time. */
    yearKnown: boolean;
    /** Said relative to now: "tomorrow", "next month". */
    relative: boolean;
    edge: "single" | "start" | "end";
  }>;

/** A text beyond this length is read to here only: chrono is the dearest of the readers. */
const READ_LIMIT = 2000;

/** Dates and times of day, relative to the user's clock or to what the text calls today; a range gives its two ends. */
export function findDates(text: string, now: Date, timeZone: string): DateSpan[] {
  const readable = text.slice(0, READ_LIMIT).replace(/(?<=\b[A-Z][a-z]{2,8})\.(?=\s?\d)/g, " ");
  const today = TODAY.exec(readable);
  if (today === null)
    return parseDates(text, readable, { instant: now, timezone: offsetMinutes(now, timeZone) });
  const said = chrono.parse(today[1] ?? "", now)[0];
  if (said === undefined)
    return parseDates(text, readable, { instant: now, timezone: offsetMinutes(now, timeZone) });
  const start = today.index + today[0].length - (today[1]?.length ?? 0);
  const end = start + said.index + said.text.length;
  const masked = readable.slice(0, today.index) + " ".repeat(end - today.index) + readable.slice(end);
  return parseDates(text, masked, { instant: said.start.date(), timezone: offsetMinutes(now, timeZone) });
}

const TODAY = /\b(?:today is|today's date is|(?:the )?current date is|assume it is) ([^.?!;]{4,40})/i;

function parseDates(
  text: string,
  readable: string,
  reference: { instant: Date; timezone: number },
): DateSpan[] {
  const spans: DateSpan[] = [...numericDates(readable)];
  for (const result of chrono.parse(readable, reference, { forwardDate: true })) {
    const whole = { start: result.index, end: result.index + result.text.length };
    if (spans.some((span) => span.start < whole.end && whole.start < span.end)) continue;
    if (/^\d+$/.test(result.text) || /^(?:now|second|sec)$/i.test(result.text)) continue;
    if (result.end === undefined || result.end === null) {
      spans.push(dateSpan(result.start, { ...whole, text: text.slice(whole.start, whole.end) }, "single"));
    } else spans.push(...rangeSpans(text, result));
  }
  return spans.sort((a, b) => a.start - b.start);
}

function* rangeSpans(text: string, result: chrono.ParsedResult): Generator<DateSpan> {
  const separator = /\s*(?:\bto\b|\buntil\b|\bthrough\b|-|–|\band\b)\s*/i.exec(result.text);
  const cut = separator === null ? result.text.length : separator.index;
  const rest = separator === null ? cut : cut + separator[0].length;
  const { index } = result;
  yield dateSpan(
    result.start,
    { start: index, end: index + cut, text: text.slice(index, index + cut) },
    "start",
  );
  const tail = { start: index + rest, end: index + result.text.length, text: result.text.slice(rest) };
  if (result.end) yield dateSpan(result.end, tail, "end");
}

function dateSpan(parsed: chrono.ParsedComponents, span: Span, edge: DateSpan["edge"]): DateSpan {
  const get = (part: chrono.Component): number => parsed.get(part) ?? 0;
  const certain = (part: chrono.Component): boolean => parsed.isCertain(part);
  return {
    ...span,
    year: get("year"),
    month: get("month"),
    day: get("day"),
    hour: get("hour"),
    minute: get("minute"),
    second: get("second"),
    hasDate: certain("day") || certain("month") || certain("weekday") || certain("year"),
    hasTime: certain("hour"),
    yearKnown: certain("year"),
    relative:
      !certain("month") ||
      /\b(?:today|tomorrow|yesterday|next|last|this|ago|coming|upcoming)\b/i.test(span.text),
    edge,
  };
}

/** 2022/08/16, 2022-08-16 and 16.08.2022 read the same everywhere; chrono leaves some of them. */
function* numericDates(text: string): Generator<DateSpan> {
  for (const match of text.matchAll(
    /(?<![\d/-])(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?![\d/-])(?![T ]\d{1,2}:)/g,
  )) {
    const [whole, year, month, day] = match;
    if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) continue;
    yield {
      start: match.index,
      end: match.index + whole.length,
      text: whole,
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: 0,
      minute: 0,
      second: 0,
      hasDate: true,
      hasTime: false,
      yearKnown: true,
      relative: false,
      edge: "single",
    };
  }
}

/** Minutes east of UTC at an instant; 0 for a zone nobody knows. */
export function offsetMinutes(at: Date, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  try {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(
      at,
    );
    const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
    const match = /([+-])(\d{2}):(\d{2})/.exec(name);
    if (match === null) return 0;
    const minutes = Number(match[2]) * 60 + Number(match[3]);
    return match[1] === "-" ? -minutes : minutes;
  } catch {
    return 0;
  }
}
