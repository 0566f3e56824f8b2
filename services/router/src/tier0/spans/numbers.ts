import type { Token } from "../text/tokens.ts";
import { overlaps, type Span } from "./span.ts";
import type { Unit, Units } from "./units.ts";

export type NumberSpan = Span &
  Readonly<{
    value: number;
    unit: Unit | undefined;
    /** What stands right after the number, lower case: "units", "players". */
    next: string;
    style: "digits" | "word" | "ordinal";
    /** Written like a calendar year. */
    yearLike: boolean;
    /** "90 days ago", "subtract 3": the number counts down. */
    takesAway: boolean;
    /** Part of something longer: an identifier, a date such as 2022/08/16, a version, a phone number. */
    embedded: boolean;
  }>;

// Sign, currency, digits with thousands, fraction, exponent. Every quantifier is over one class: linear.
const DIGITS =
  /(?<![\p{L}\p{Nd}_.])([-−+](?=[\d.$]))?([$€£¥₹]\s?)?(\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(\.\d+)?(e[-+]?\d+|\s?[x×*]\s?10\s?\^\s?[-−+]?\d+)?/giu;

const MAGNITUDES: ReadonlyMap<string, number> = new Map([
  ["hundred", 1e2],
  ["thousand", 1e3],
  ["k", 1e3],
  ["million", 1e6],
  ["m", 1e6],
  ["billion", 1e9],
  ["bn", 1e9],
  ["trillion", 1e12],
  ["dozen", 12],
]);

const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split(" ");

export function findNumbers(text: string, tokens: readonly Token[], units: Units): NumberSpan[] {
  const found: NumberSpan[] = [];
  for (const match of listsApart(text).matchAll(DIGITS)) {
    if (match[3] === undefined && match[4] === undefined) continue;
    found.push(digitsSpan(text, match, units));
  }
  const spelled = wordNumbers(text, tokens, units);
  // "3 million": the word belongs to the digits before it.
  found.push(...spelled.filter((span) => !found.some((other) => overlaps(span, other))));
  return found.sort((a, b) => a.start - b.start);
}

/** In "[200,300,400]" commas stand between numbers, not within one. Keeps the length. */
function listsApart(text: string): string {
  return text.replace(/\[[^[\]]{0,2000}\]/g, (list) => list.replaceAll(",", ";"));
}

function digitsSpan(text: string, match: RegExpExecArray, units: Units): NumberSpan {
  const [whole, sign, currency, integer = "0", fraction = "", exponent] = match;
  const start = match.index;
  const base = Number(`${integer.replaceAll(",", "")}${fraction}`) * powerOf(exponent);
  const after = text.slice(start + whole.length, start + whole.length + 40);
  const negative = sign === "-" || sign === "−" || isSouthOrWest(fraction, after);
  const signed = negative ? -base : base;
  const ordinal = /^(?:st|nd|rd|th)\b/i.exec(after);
  const magnitude = magnitudeAfter(after, currency !== undefined);
  const end = start + whole.length + (ordinal?.[0].length ?? magnitude.length);
  const tail = text.slice(end, end + 40);
  const money = currency === undefined ? undefined : units.get(currency.trim());
  const plain = currency === undefined && sign === undefined && fraction === "" && magnitude.factor === 1;
  return {
    start,
    end,
    text: text.slice(start, end),
    value: tidy(signed * magnitude.factor),
    unit: money ?? unitAfter(tail, units),
    next: nextWord(tail),
    style: ordinal === null ? "digits" : "ordinal",
    yearLike: plain && /^(?:1[5-9]|20|21)\d\d$/.test(integer),
    takesAway: takesAway(text, start, tail),
    embedded: isEmbedded(text, start, end),
  };
}

/** "112.0740 W", "33.9° S": coordinates below zero. Without a degree sign only a fine number is a coordinate: "60 W" are watts. */
function isSouthOrWest(fraction: string, after: string): boolean {
  return (fraction.length > 2 ? /^\s?°?\s?[SW]\b/ : /^\s?°\s?[SW]\b/).test(after);
}

function powerOf(exponent: string | undefined): number {
  if (exponent === undefined) return 1;
  const power = /[-−+]?\d+$/.exec(exponent)?.[0].replace("−", "-") ?? "0";
  return Number(`1e${Number(power)}`);
}

/** 2.5 × 1e6 must not print as 2499999.9999999995. */
function tidy(value: number): number {
  return Number(value.toPrecision(15));
}

function magnitudeAfter(after: string, money: boolean): { factor: number; length: number } {
  const match = /^(?:\s?(hundred|thousand|million|billion|trillion|dozen)|(k|bn|m))(?![\p{L}])/iu.exec(after);
  const word = (match?.[1] ?? match?.[2] ?? "").toLowerCase();
  // "5m" is five metres, "$5m" five millions.
  if (match === null || (word === "m" && !money) || (match[2] === "K" && !money))
    return { factor: 1, length: 0 };
  return { factor: MAGNITUDES.get(word) ?? 1, length: match[0].length };
}

function unitAfter(tail: string, units: Units): Unit | undefined {
  const light = /^[\s-]?light[\s-]years?/i.exec(tail);
  if (light !== null) return units.get("light-year");
  const match = /^[\s-]?(%|°\s?[cf]?|[\p{L}]+(?:\/[\p{L}]+)?)/iu.exec(tail);
  if (match === null) return undefined;
  const attached = !/^[\s-]/.test(tail);
  const word = (match[1] ?? "").toLowerCase().replace(/\s/, "");
  // One-letter units count only where they touch the number ("5m", "298K").
  if (word.length === 1 && !attached && word !== "%" && word !== "m" && word !== "s") return undefined;
  return units.get(word) ?? units.get(word.split("/")[0] ?? "");
}

function nextWord(tail: string): string {
  return /^[\s-]{0,2}([\p{L}]+)/u.exec(tail)?.[1]?.toLowerCase() ?? "";
}

function takesAway(text: string, start: number, tail: string): boolean {
  const before = text.slice(Math.max(0, start - 24), start);
  return (
    /^\s*\p{L}+\s+(?:ago|earlier|before)\b/iu.test(tail) ||
    /\b(?:subtract|minus|take away|less)\s+$/i.test(before)
  );
}

function isEmbedded(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  const after = text.slice(end, end + 2);
  return /[\p{L}\d][-/:.@#_]$|[-/]$/u.test(before) && !/\s[-]$/.test(before)
    ? true
    : /^(?:[/:_.@]\d|-\d|[_@])/.test(after);
}

function wordNumbers(text: string, tokens: readonly Token[], units: Units): NumberSpan[] {
  const found: NumberSpan[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const run = numberRun(tokens, i);
    if (run === undefined) continue;
    const first = tokens[i];
    const last = tokens[run.next - 1];
    if (first === undefined || last === undefined) break;
    const tail = text.slice(last.end, last.end + 40);
    found.push({
      start: first.start,
      end: last.end,
      text: text.slice(first.start, last.end),
      value: run.value,
      unit: unitAfter(tail, units),
      next: nextWord(tail),
      style: run.style,
      yearLike: false,
      takesAway: takesAway(text, first.start, tail),
      embedded: false,
    });
    i = run.next - 1;
  }
  return found;
}

type Run = { value: number; next: number; style: "word" | "ordinal" };

function numberRun(tokens: readonly Token[], from: number): Run | undefined {
  const word = tokens[from]?.lower ?? "";
  const ordinal = ORDINALS.indexOf(word);
  if (ordinal > 0) return { value: ordinal, next: from + 1, style: "ordinal" };
  if (word === "a" || word === "an") return articleRun(tokens, from);
  if (word === "half" && tokens[from + 1]?.lower === "a") return undefined;
  let value = simpleNumber(word);
  if (value === undefined) return undefined;
  let at = from + 1;
  if (value >= 20 && tokens[at]?.text === "-") at++;
  const ones = value >= 20 ? SMALL.indexOf(tokens[at]?.lower ?? "") : -1;
  if (ones > 0 && ones < 10) {
    value += ones;
    at++;
  } else if (tokens[at - 1]?.text === "-") at--;
  for (
    let word = tokens[at]?.lower ?? "";
    word.length > 2 && MAGNITUDES.has(word);
    word = tokens[at]?.lower ?? ""
  ) {
    value *= MAGNITUDES.get(word) ?? 1;
    at++;
  }
  return { value, next: at, style: "word" };
}

/** "a dozen", "a hundred", "an hour": the article counts as one. */
function articleRun(tokens: readonly Token[], from: number): Run | undefined {
  const next = tokens[from + 1]?.lower ?? "";
  const factor = next.length > 2 ? MAGNITUDES.get(next) : undefined;
  if (factor !== undefined) return { value: factor, next: from + 2, style: "word" };
  return /^(?:hour|minute|day|week|month|year)$/.test(next)
    ? { value: 1, next: from + 1, style: "word" }
    : undefined;
}

/** "seven", "forty", "hundred"; undefined for any other word. */
export function simpleNumber(word: string): number | undefined {
  const small = SMALL.indexOf(word);
  if (small >= 0) return small;
  const tens = TENS.indexOf(word);
  if (tens >= 0) return (tens + 2) * 10;
  return word === "hundred" ? 100 : word === "thousand" ? 1000 : word === "million" ? 1e6 : undefined;
}
