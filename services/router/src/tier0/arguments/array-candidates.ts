import type { Parameter } from "../parameters/parameter.ts";
import { findEnumerations, withoutCounts } from "../spans/enumerations.ts";
import { bracketedLists, findLists, type ListSpan } from "../spans/lists.ts";
import type { NumberSpan } from "../spans/numbers.ts";
import type { Span } from "../spans/span.ts";
import type { Utterance } from "../spans/utterance.ts";
import type { Candidate } from "./candidate.ts";
import { placed } from "./number-candidates.ts";
import { optionCandidates } from "./option-candidates.ts";
import { stringCandidates } from "./string-candidates.ts";

/** Lists as they are written or enumerated, options that are named, and single values. */
export function arrayCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  if (parameter.items === "number" || parameter.items === "integer") return numberLists(parameter, utterance);
  if (parameter.items !== "string") return [];
  const options = optionList(parameter, utterance);
  if (parameter.closed || (options.length > 0 && parameter.options.some((one) => one.source === "enum")))
    return options;
  return [...options, ...stringLists(utterance), ...singles(parameter, utterance)];
}

function numberLists(parameter: Parameter, utterance: Utterance): Candidate[] {
  const numbers = utterance
    .numbers()
    .filter((span) => parameter.items === "number" || Number.isInteger(span.value));
  const found: Candidate[] = [];
  const lists = [...bracketedLists(utterance.text, numbers), ...findLists(utterance.text, numbers)];
  for (const list of lists) found.push(...numberList(parameter, utterance, list));
  const chained = scattered(numbers);
  if (chained !== undefined) found.push(...numberList(parameter, utterance, chained, "list.scattered"));
  return found;
}

function numberList(
  parameter: Parameter,
  utterance: Utterance,
  list: ListSpan<NumberSpan>,
  extra?: string,
): Candidate[] {
  const tags = [
    "list",
    list.bracketed ? "list.bracketed" : "list.enumerated",
    `list.length.${Math.min(list.items.length, 4)}`,
  ];
  if (extra !== undefined) tags.push(extra);
  const values = list.items.map((span) => span.value);
  const found: Candidate[] = [{ ...placed(utterance, list), value: values, tags }];
  if (parameter.items === "number" && list.items.every((span) => span.unit?.dimension === "percent")) {
    const fractions = values.map((value) => Number((value / 100).toPrecision(12)));
    found.push({ ...placed(utterance, list), value: fractions, tags: [...tags, "percent.fraction"] });
  }
  return found;
}

/** All numbers of the text in their order: "trait A has a value of 0.8 and trait B a value of 0.7". */
function scattered(numbers: readonly NumberSpan[]): ListSpan<NumberSpan> | undefined {
  const first = numbers[0];
  const last = numbers.at(-1);
  if (first === undefined || last === undefined || numbers.length < 2) return undefined;
  return { start: first.start, end: last.end, text: "", items: numbers, bracketed: false };
}

function optionList(parameter: Parameter, utterance: Utterance): Candidate[] {
  const options = optionCandidates(parameter, utterance).sort((a, b) => a.start - b.start);
  const first = options[0];
  const last = options.at(-1);
  if (first === undefined || last === undefined) return [];
  const sure = options.filter((option) => !option.tags.includes("option.partial"));
  const sets = sure.length > 0 && sure.length < options.length ? [options, sure] : [options];
  return sets.map((set) => ({
    text: "",
    start: set[0]?.start ?? 0,
    end: set.at(-1)?.end ?? 0,
    from: set[0]?.from ?? 0,
    to: set.at(-1)?.to ?? 0,
    value: [...new Set(set.map((option) => option.value))],
    tags: [
      "option",
      "options",
      set === sure ? "options.sure" : "options.all",
      ...(first.tags.slice(0, 2) ?? []),
    ],
  }));
}

const QUOTE_GAP = /^['"’”`]?\s*(?:,|;|and|or|&|,\s*and)\s*['"‘“`]?$/i;

function stringLists(utterance: Utterance): Candidate[] {
  const { text } = utterance;
  const enumerations = findEnumerations(text, utterance.tokens);
  const kinds: readonly (readonly [string, readonly ListSpan<Span>[]])[] = [
    ["quote", findLists(text, utterance.quotes(), QUOTE_GAP)],
    [
      "name",
      findLists(
        text,
        utterance.names().filter((span) => span.form === "whole" || span.form === "part"),
      ),
    ],
    [
      "phrase",
      findLists(
        text,
        utterance.phrases().filter((span) => span.part === "whole"),
      ),
    ],
    ["bracket", bracketedLists(text, [...utterance.quotes(), ...bareWords(utterance)])],
    ["enumeration", enumerations],
    ["counted", enumerations.flatMap((list) => withoutCounts(list) ?? [])],
  ];
  const found: Candidate[] = [];
  for (const [kind, lists] of kinds) {
    for (const list of lists) {
      const value = list.items.map((span) => span.text);
      found.push({ ...placed(utterance, list), value, tags: ["list", `list.${kind}`] });
    }
  }
  return found;
}

/** Words between commas inside brackets, when nothing there is quoted. */
function bareWords(utterance: Utterance): Span[] {
  const spans: Span[] = [];
  for (const match of utterance.text.matchAll(/[[({]([^[\](){}'"]{1,1000})[\])}]/g)) {
    let at = match.index + 1;
    for (const piece of (match[1] ?? "").split(",")) {
      const lead = piece.length - piece.trimStart().length;
      const text = piece.trim();
      if (text !== "") spans.push({ start: at + lead, end: at + lead + text.length, text });
      at += piece.length + 1;
    }
  }
  return spans;
}

function singles(parameter: Parameter, utterance: Utterance): Candidate[] {
  return stringCandidates(parameter, utterance)
    .filter((candidate) => !candidate.tags.includes("remainder"))
    .map((candidate) => ({ ...candidate, value: [candidate.value], tags: ["single", ...candidate.tags] }));
}
