import { hasRole, type Parameter } from "../parameters/parameter.ts";
import { formatDate } from "../spans/date-format.ts";
import type { Span } from "../spans/span.ts";
import type { Utterance } from "../spans/utterance.ts";
import type { Candidate } from "./candidate.ts";
import { fittingKinds } from "./fitting-kinds.ts";
import { numberTags, placed } from "./number-candidates.ts";
import { optionCandidates } from "./option-candidates.ts";

const MOST_CANDIDATES = 160;

/** Everything in the text that may be the value of a string parameter; of equal spans the most telling kind stays. */
export function stringCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  const options = optionCandidates(parameter, utterance);
  if (parameter.closed) return options;
  const all = [
    ...options,
    ...dateCandidates(parameter, utterance),
    ...knownCandidates(parameter, utterance),
    ...expressionCandidates(parameter, utterance),
    ...plain(utterance, utterance.quotes(), () => ["quote"]),
    ...plain(utterance, utterance.codes(), (span) => ["code", `code.${span.code}`]),
    ...nameCandidates(utterance),
    ...numberCandidates(utterance),
    ...phraseCandidates(utterance),
    ...remainderCandidates(parameter, utterance),
  ];
  return fittingKinds(parameter, merged(all), utterance)
    .filter((candidate) => !isPartOfCode(candidate, utterance))
    .slice(0, MOST_CANDIDATES)
    .map((candidate) => withSurroundings(candidate, utterance));
}

function plain<T extends Span>(
  utterance: Utterance,
  spans: readonly T[],
  tags: (span: T) => string[],
): Candidate[] {
  return spans.map((span) => ({ ...placed(utterance, span), value: span.text, tags: tags(span) }));
}

function nameCandidates(utterance: Utterance): Candidate[] {
  return plain(utterance, utterance.names(), (span) => [
    "name",
    ...(span.sentenceStart ? ["name.first"] : []),
    `name.${span.form}`,
    ...(/ (?:and|&) /.test(span.text) ? ["name.and"] : []),
  ]);
}

function numberCandidates(utterance: Utterance): Candidate[] {
  const bare = utterance.numbers().filter((span) => span.style === "digits");
  return bare.map((span) => ({
    ...placed(utterance, span),
    value: span.text,
    tags: ["digits", ...numberTags(span)],
  }));
}

function phraseCandidates(utterance: Utterance): Candidate[] {
  return utterance.phrases().map((span) => ({
    text: span.text,
    start: span.start,
    end: span.end,
    from: span.from,
    to: span.to,
    value: span.text,
    tags: ["phrase", `phrase.${span.part}`],
  }));
}

function dateCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  const wanted =
    hasRole(parameter, "date") || hasRole(parameter, "time") || parameter.dateFormat !== undefined;
  if (!wanted) return [];
  const found: Candidate[] = [];
  for (const span of utterance.dates()) {
    const tags = [
      "date",
      `date.${span.edge}`,
      span.hasDate ? "date.day" : "date.clock",
      span.relative ? "date.relative" : "date.absolute",
    ];
    const asksTime = parameter.dateFormat !== undefined && /^HH/.test(parameter.dateFormat);
    const format = parameter.dateFormat ?? (span.hasDate && !span.hasTime ? "YYYY-MM-DD" : undefined);
    if (format !== undefined && (asksTime ? span.hasTime : span.hasDate)) {
      const formatted = parameter.dateFormat === undefined ? "date.iso" : "date.formatted";
      found.push({
        ...placed(utterance, span),
        value: formatDate(span, format),
        tags: [...tags, formatted, `${formatted}.${span.relative ? "relative" : "absolute"}`],
      });
    }
    found.push({
      ...placed(utterance, span),
      value: span.text,
      tags: [...tags, "date.raw", `date.raw.${parameter.dateFormat === undefined ? "free" : "wanted"}`],
    });
  }
  return found;
}

function knownCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  const found: Candidate[] = [];
  for (const span of utterance.known()) {
    const base = placed(utterance, span);
    const tags = ["known", `known.${span.known}`];
    const coded = codedValue(parameter, span.known, span.value);
    if (coded !== undefined) found.push({ ...base, value: coded, tags: [...tags, "known.coded"] });
    if (span.known === "unit") found.push({ ...base, value: span.value, tags });
    else if (span.known !== "zone") found.push({ ...base, value: span.text, tags });
    const region = span.known === "city" ? utterance.lexicon.regions.get(span.text.toLowerCase()) : undefined;
    if (region !== undefined && wantsRegion(parameter)) {
      found.push({ ...base, value: `${span.text}, ${region}`, tags: [...tags, "known.region"] });
    }
  }
  return found;
}

/** The code of a zone, currency, language or state where the parameter asks for codes rather than names. */
function codedValue(parameter: Parameter, known: string, code: string): string | undefined {
  const { description } = parameter;
  switch (known) {
    case "zone":
      return hasRole(parameter, "zone") ? code : undefined;
    case "currency":
      return hasRole(parameter, "currency") || /\bISO[ -]?4217\b/i.test(description) ? code : undefined;
    case "language":
      return /\bISO[ -]?639|language code|\b'?en'?\b/i.test(description) ? code : undefined;
    case "state":
      return /abbreviat|two-letter|2-letter|\b(?:CA|NY)\b/.test(description) &&
        !/\bcity\b/i.test(parameter.name)
        ? code
        : undefined;
    default:
      return undefined;
  }
}

/** The description asks for "City, State" or "City, Country". */
function wantsRegion(parameter: Parameter): boolean {
  return /\bcity(?:,| and) ?(?:state|country)/i.test(parameter.description);
}

function expressionCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  if (!hasRole(parameter, "expression")) return [];
  return utterance.expressions().map((span) => ({
    ...placed(utterance, span),
    value: span.value,
    tags: ["expression", span.variables ? "expression.variables" : "expression.arithmetic"],
  }));
}

const WORDY = ["query", "message", "title", "expression", "command"] as const;

function remainderCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  const wordy = WORDY.some((role) => hasRole(parameter, role));
  const wanted = utterance.remainders().filter((span) => span.remainder === "colon" || wordy);
  const whole = plain(utterance, wanted, (span) => ["remainder", `remainder.${span.remainder}`]);
  return [...whole, ...whole.flatMap((candidate) => withoutDate(candidate, utterance) ?? [])];
}

/** "water the plants tomorrow at 6pm" without its time, where other parameters take that. */
function withoutDate(candidate: Candidate, utterance: Utterance): Candidate | undefined {
  const date = utterance.dates().find((span) => candidate.start < span.start && span.end <= candidate.end);
  if (date === undefined) return undefined;
  const text = utterance.text
    .slice(candidate.start, date.start)
    .replace(/(?:\s(?:on|at|by|for|in|from))?\s{1,4}$/i, "");
  const span = { start: candidate.start, end: candidate.start + text.length, text };
  return { ...placed(utterance, span), value: text, tags: [...candidate.tags, "remainder.undated"] };
}

/** Spans found by several readers become one candidate with all their tags. */
function merged(all: readonly Candidate[]): Candidate[] {
  const byValue = new Map<string, Candidate>();
  for (const candidate of all) {
    const key = `${candidate.start}:${candidate.end}:${String(candidate.value)}`;
    const other = byValue.get(key);
    if (other === undefined) byValue.set(key, candidate);
    else byValue.set(key, { ...other, tags: [...new Set([...other.tags, ...candidate.tags])] });
  }
  return [...byValue.values()];
}

/** The "DJI" of "^DJI" is no word. */
function isPartOfCode({ start, end }: Candidate, utterance: Utterance): boolean {
  return utterance.codes().some((span) => span.text.startsWith("^") && span.start < start && end <= span.end);
}

/** Marks what is cut out of a quotation or a longer name. */
function withSurroundings(candidate: Candidate, utterance: Utterance): Candidate {
  const tags = [...candidate.tags];
  const inside = (span: Span): boolean =>
    span.start <= candidate.start &&
    candidate.end <= span.end &&
    span.end - span.start > candidate.end - candidate.start;
  if (utterance.quotes().some(inside)) tags.push("inside.quote");
  if (utterance.names().some((span) => span.form === "whole" && inside(span))) tags.push("inside.name");
  return tags.length === candidate.tags.length ? candidate : { ...candidate, tags };
}
