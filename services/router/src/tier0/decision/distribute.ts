import type { Assignment } from "../arguments/assign.ts";
import type { Candidate } from "../arguments/candidate.ts";
import { candidatesFor } from "../arguments/candidates.ts";
import { type Extraction, fromAssignments } from "../arguments/extract.ts";
import { overlaps } from "../spans/span.ts";
import type { Utterance } from "../spans/utterance.ts";
import type { Draft } from "./draft.ts";

const MOST_CALLS = 12;
const LONGEST_GAP = 9;
const SEPARATORS = new Set([",", "and", "or", "&", ";"]);
const CONJUNCTIONS = new Set(["and", "or", "&"]);
const FILLING = new Set(
  "the a an in for of at to from on by with then also both a respectively '\" ” ’ “ ‘ ( ) [ ]".split(" "),
);
/** Spans whose borders are sure enough that two of them side by side are two values. */
const DISTINCT = new Set(["number", "quote", "name", "known", "code"]);

/**
 * One call per value where the text coordinates values that one parameter can hold only one of: "the weather in Oslo and in
 * Bergen", "the factorial of 5, 7 and 9"; several such parameters of one length go in step ("respectively"), others combine.
 */
export function distribute(draft: Draft, utterance: Utterance): Draft[] {
  const { assignments } = draft.extraction;
  const plural = assignments.flatMap((assignment) => {
    const values = coordinated(assignment, assignments, draft, utterance);
    return values.length > 1 ? [{ assignment, values }] : [];
  });
  const starts = plural.flatMap(({ values }) => values.map(({ start }) => start));
  // Values that two parameters claim are pairs, not lists.
  if (plural.length === 0 || new Set(starts).size < starts.length) return [draft];
  return combinations(plural).map((choice) => ({
    ...draft,
    extraction: withValues(draft.extraction, choice),
  }));
}

type Plural = { assignment: Assignment; values: readonly Candidate[] };
type Choice = ReadonlyMap<Assignment, Candidate>;

function combinations(plural: readonly Plural[]): Choice[] {
  const lengths = new Set(plural.map(({ values }) => values.length));
  const [length = 0] = lengths;
  if (lengths.size === 1) {
    return Array.from(
      { length: Math.min(length, MOST_CALLS) },
      (_, at) =>
        new Map(plural.flatMap(({ assignment, values }) => (values[at] ? [[assignment, values[at]]] : []))),
    );
  }
  let choices: Choice[] = [new Map()];
  for (const { assignment, values } of plural) {
    choices = choices.flatMap((choice) => values.map((value) => new Map(choice).set(assignment, value)));
  }
  return choices.slice(0, MOST_CALLS);
}

function withValues(extraction: Extraction, choice: Choice): Extraction {
  const assignments = extraction.assignments.map((one): Assignment => {
    const candidate = choice.get(one);
    return candidate === undefined ? one : { ...one, candidate };
  });
  return fromAssignments(assignments);
}

/** The chosen value with those of its kind that are coordinated with it and that no other parameter took; alone otherwise. */
function coordinated(
  assignment: Assignment,
  all: readonly Assignment[],
  draft: Draft,
  utterance: Utterance,
): readonly Candidate[] {
  const { parameter, candidate } = assignment;
  const scalar = parameter.kind !== "array" && parameter.kind !== "object" && parameter.kind !== "boolean";
  const kinds = new Set(candidate?.tags.filter((tag) => DISTINCT.has(tag)));
  if (candidate === undefined || !scalar || candidate.from < 0 || kinds.size === 0) return [];
  const taken = all.flatMap((other) => (other === assignment || !other.candidate ? [] : [other.candidate]));
  const alike = candidatesFor(parameter, utterance)
    .filter(
      (one) =>
        one.tags.some((tag) => kinds.has(tag)) &&
        sameReading(one, candidate) &&
        !taken.some((other) => overlaps(one, other)),
    )
    .filter((one) =>
      one.start === candidate.start ? one.value === candidate.value : !overlaps(one, candidate),
    )
    .sort((a, b) => a.start - b.start || b.end - a.end);
  return chain(alike, candidate, draft, utterance);
}

function sameReading(a: Candidate, b: Candidate): boolean {
  const pattern = a.tags.includes("number")
    ? /^(?:percent\.(?:raw|fraction)|converted|taken|dimension\.)/
    : /^(?:inside\.quote|name\.(?:joined|address)|known\.(?:region|coded))$/;
  const reading = ({ tags }: Candidate): string => tags.filter((tag) => pattern.test(tag)).join();
  return reading(a) === reading(b);
}

/** The longest run around the chosen one with nothing but separators, fillers and the tool's own words between. */
function chain(
  alike: readonly Candidate[],
  chosen: Candidate,
  draft: Draft,
  utterance: Utterance,
): Candidate[] {
  const run: Candidate[] = [];
  for (const one of alike) {
    const last = run.at(-1);
    if (last !== undefined && one.start < last.end) continue;
    if (last !== undefined && !joins(last, one, draft, utterance)) {
      if (run.includes(chosen) || run.some((kept) => kept.start === chosen.start)) break;
      run.length = 0;
    }
    run.push(one);
  }
  const whole = run.some((kept) => kept.start === chosen.start);
  return whole && endsWithConjunction(run, utterance) ? run : [];
}

/** "A, B and C" enumerates; "Denver, Colorado" does not. */
function endsWithConjunction(run: readonly Candidate[], utterance: Utterance): boolean {
  const [last, before] = [run.at(-1), run.at(-2)];
  if (last === undefined || before === undefined) return false;
  return utterance.tokens.slice(before.to, last.from).some(({ lower }) => CONJUNCTIONS.has(lower));
}

function joins(a: Candidate, b: Candidate, draft: Draft, utterance: Utterance): boolean {
  const between = utterance.tokens.slice(a.to, b.from);
  if (between.length === 0 || between.length > LONGEST_GAP) return false;
  const { toolStems } = draft.ranked.tool;
  const passes = between.every(
    ({ lower, stem }) =>
      SEPARATORS.has(lower) ||
      FILLING.has(lower) ||
      toolStems.has(stem) ||
      utterance.lexicon.units.has(lower),
  );
  return passes && between.some(({ lower }) => SEPARATORS.has(lower));
}
