import type { DateSpan } from "./dates.ts";

/** How a parameter wants its date or time: a pattern of YYYY, MM, DD, HH, mm, ss, or one of the names. */
export type DateFormat = string | "iso-date-time";

const PATTERN =
  /\b(?:y{2,4}|m{2}|d{2})([-/.])(?:y{2,4}|m{2}|d{2})\1(?:y{2,4}|m{2}|d{2})(?:[ T]h{2}:m{2}(?::s{2})?)?|\bh{2}:m{2}(?::s{2})?\b/i;
const WORDS = /\b(day|month|year)([-/])(day|month|year)\2(day|month|year)\b/i;
const PERCENT = /%Y-%m-%d(?: %H:%M(?::%S)?)?|%H:%M(?::%S)?/;

/** Reads the wanted format from a schema's `format` and the words and examples of its description. */
export function dateFormatOf(description: string, format: string | undefined): DateFormat | undefined {
  if (format === "date") return "YYYY-MM-DD";
  if (format === "date-time") return "iso-date-time";
  if (format === "time") return "HH:mm:ss";
  const strftime = PERCENT.exec(description)?.[0];
  if (strftime !== undefined) return fromStrftime(strftime);
  const pattern = PATTERN.exec(description)?.[0];
  if (pattern !== undefined) return normalisePattern(pattern);
  const worded = WORDS.exec(description);
  if (worded !== null) {
    const [, first = "", separator = "", second = "", third = ""] = worded;
    return [first, second, third].map(fromWord).join(separator);
  }
  if (/\d{4}-\d{2}-\d{2}T\d{2}/.test(description)) return "iso-date-time";
  if (/\d{4}-\d{2}-\d{2}/.test(description)) return "YYYY-MM-DD";
  if (/iso[ -]?8601/i.test(description)) return /time/i.test(description) ? "iso-date-time" : "YYYY-MM-DD";
  if (/24[- ]hour|\b(?:1[3-9]|2[0-3]):\d{2}\b/i.test(description)) return "HH:mm";
  return undefined;
}

function fromStrftime(pattern: string): string {
  const names: Readonly<Record<string, string>> = { Y: "YYYY", m: "MM", d: "DD", H: "HH", M: "mm", S: "ss" };
  return pattern.replace(/%([YmdHMS])/g, (_, letter: string) => names[letter] ?? "");
}

function fromWord(part: string): string {
  const names: Readonly<Record<string, string>> = { day: "DD", month: "MM", year: "YYYY" };
  return names[part.toLowerCase()] ?? part;
}

/** Date letters upper case, time letters as HH:mm:ss; "YYY" and "yy" mean a full year here. */
function normalisePattern(pattern: string): string {
  const [date = "", time = ""] = /[-/.]/.test(pattern) ? pattern.split(/[ T](?=h)/i) : ["", pattern];
  const separator = pattern.includes("T") && /T(?=h)/i.test(pattern) ? "T" : " ";
  const dates = date.toUpperCase().replace(/Y+/, "YYYY");
  const times = time.toLowerCase().replace("hh", "HH");
  return [dates, times].filter((part) => part !== "").join(separator);
}

export function formatDate(date: DateSpan, format: DateFormat): string {
  const pad = (value: number, width = 2): string => String(value).padStart(width, "0");
  const day = `${pad(date.year, 4)}-${pad(date.month)}-${pad(date.day)}`;
  if (format === "iso-date-time") return `${day}T${pad(date.hour)}:${pad(date.minute)}:${pad(date.second)}Z`;
  return format
    .replace("YYYY", pad(date.year, 4))
    .replace("MM", pad(date.month))
    .replace("DD", pad(date.day))
    .replace("HH", pad(date.hour))
    .replace("mm", pad(date.minute))
    .replace("ss", pad(date.second));
}
