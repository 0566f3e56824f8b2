import type { Parameter } from "../parameters/parameter.ts";
import { overlaps } from "../spans/span.ts";
import type { Utterance } from "../spans/utterance.ts";
import type { Candidate } from "./candidate.ts";
import { type Confidence, confidenceIn } from "./confidence.ts";
import { type Scored, scoreAlternatives, visitAlternatives, type Weights } from "./score.ts";
import { valueTypeOf } from "./value-type.ts";

/** What arguments are chosen by, and how far the choice is to be believed. Fitted one after the other. */
export type ArgumentPrior = Readonly<{ weights: Weights; confidence: Confidence }>;

export type Assignment = Readonly<{
  parameter: Parameter;
  candidate: Candidate | undefined;
  /** Probability that this choice is right. */
  probability: number;
}>;

const BEAM = 12;
const CHOICES = 8;

/** Chooses one alternative for every parameter so that no two take the same words; the surest parameters choose first. */
export function assign(
  parameters: readonly Parameter[],
  toolStems: ReadonlySet<string>,
  utterance: Utterance,
  { weights, confidence }: ArgumentPrior,
): Assignment[] {
  const scored: { parameter: Parameter; choices: Scored[] }[] = [];
  visitAlternatives(parameters, toolStems, utterance, (parameter, alternatives) => {
    scored.push({ parameter, choices: shortList(scoreAlternatives(alternatives, weights)) });
  });
  const order = scored.map((_, index) => index).sort((a, b) => best(scored[b]) - best(scored[a]));
  let beam: Partial[] = [{ taken: [], picks: new Map(), logP: 0 }];
  for (const index of order) {
    const choices = scored[index]?.choices ?? [];
    beam = beam
      .flatMap((state) => extend(state, index, choices))
      .sort((a, b) => b.logP - a.logP)
      .slice(0, BEAM);
  }
  const picks = beam[0]?.picks;
  return scored.map(({ parameter, choices }, index) => {
    const pick = picks?.get(index) ?? choices.at(-1);
    const candidate = pick?.candidate;
    const chosen = Math.exp(pick?.logP ?? -Infinity);
    return {
      parameter,
      candidate,
      probability: confidenceIn(chosen, valueTypeOf(parameter, candidate), confidence),
    };
  });
}

type Partial = { taken: readonly Candidate[]; picks: ReadonlyMap<number, Scored>; logP: number };

/** The best few, and always the choice of nothing. */
function shortList(choices: readonly Scored[]): Scored[] {
  const few = choices.slice(0, CHOICES);
  const none = choices.find((choice) => choice.candidate === undefined);
  return none === undefined || few.includes(none) ? few : [...few, none];
}

function best(entry: { choices: readonly Scored[] } | undefined): number {
  return entry?.choices[0]?.logP ?? -Infinity;
}

function extend(state: Partial, index: number, choices: readonly Scored[]): Partial[] {
  const next: Partial[] = [];
  for (const choice of choices) {
    const { candidate } = choice;
    if (candidate !== undefined && clashes(candidate, state.taken)) continue;
    const taken =
      candidate === undefined || candidate.from < 0 || isLoose(candidate)
        ? state.taken
        : [...state.taken, candidate];
    next.push({ taken, picks: new Map(state.picks).set(index, choice), logP: state.logP + choice.logP });
  }
  return next;
}

/** Flags and partly named options share their words with whatever else names them. */
function isLoose(candidate: Candidate): boolean {
  return (
    typeof candidate.value === "boolean" ||
    candidate.tags.includes("option.partial") ||
    candidate.tags.includes("remainder.all") ||
    isSign(candidate)
  );
}

/** The "$" of "$320" names a currency and is a part of the number too. */
function isSign({ text }: Candidate): boolean {
  return /^\p{Sc}$/u.test(text);
}

/** "tomorrow at 6pm" gives one parameter its day and another its hour. */
function shareMoment(a: Candidate, b: Candidate): boolean {
  const clock = ({ value }: Candidate): boolean => typeof value === "string" && value.includes(":");
  return a.tags.includes("date") && b.tags.includes("date") && clock(a) !== clock(b);
}

function clashes(candidate: Candidate, taken: readonly Candidate[]): boolean {
  return (
    candidate.from >= 0 &&
    !isLoose(candidate) &&
    taken.some((other) => overlaps(candidate, other) && !shareMoment(candidate, other))
  );
}
