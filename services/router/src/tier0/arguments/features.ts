import { hasRole, type Parameter } from "../parameters/parameter.ts";
import type { Utterance } from "../spans/utterance.ts";
import { GENERIC_WORDS, PREPOSITIONS, STOP_WORDS } from "../text/word-classes.ts";
import type { Candidate } from "./candidate.ts";
import { REACH, reach } from "./cue-reach.ts";
import type { CueSite } from "./cues.ts";

/** What the features of one (parameter, candidate) pair may look at. */
export type PairContext = Readonly<{
  parameter: Parameter;
  utterance: Utterance;
  sites: readonly CueSite[];
  /** Sites of all other parameters of the tool. */
  rivals: readonly CueSite[];
  /** Stems of the tool's own name and description. */
  toolStems: ReadonlySet<string>;
  /** Rank of the parameter among those of its kind, and how many there are. */
  order: Readonly<{ rank: number; of: number }>;
  /** Rank of each token start among spans of the kind, by character offset. */
  spanRanks: ReadonlyMap<number, number>;
}>;

/** Receives one feature; the scorer sums weights, the fitter collects names. */
export type FeatureSink = (name: string, value: number) => void;

/** Kinds of parameters that share weights. */
export function kindGroup(parameter: Parameter): "num" | "str" | "arr" | "bool" {
  switch (parameter.kind) {
    case "number":
    case "integer":
      return "num";
    case "array":
    case "object":
      return "arr";
    case "boolean":
      return "bool";
    case "string":
      return "str";
  }
}

/** How well a candidate suits a parameter, as named features; weights come from the fitted prior. */
export function pairFeatures(context: PairContext, candidate: Candidate, sink: FeatureSink): void {
  const group = kindGroup(context.parameter);
  const bare = context.parameter.options.length > 0 ? `${group}+` : group;
  for (const tag of candidate.tags) sink(`${group}|${tag}`, 1);
  if (group === "bool") return;
  roleFeatures(context, candidate, sink);
  neighbourFeatures(context, candidate, group, sink);
  cueFeatures(context, candidate, group, sink);
  unitFeatures(context, candidate, sink);
  if (candidate.tags.includes("option")) sink(`${bare}|option.any`, 1);
  else if (context.parameter.options.length > 0 && !isMeasure(candidate)) sink(`${bare}|not.option`, 1);
  contentFeatures(context, candidate, group, sink);
  orderFeatures(context, candidate, group, sink);
  if (!context.parameter.required && context.parameter.branches.length === 0) sink(`${group}|optional`, 1);
}

/** Units and currencies that a description names are examples, not all there are. */
function isMeasure({ tags }: Candidate): boolean {
  return tags.includes("measure.counted") || tags.includes("measure.asked");
}

const KIND_TAGS =
  /^(?:quote|code|code\.\w+|name|name\.\w+|phrase|phrase\.whole|phrase\.head|phrase\.tail|phrase\.of|date|date\.\w+|known\.\w+|digits|number|number\.year|number\.ordinal|number\.one|expression|remainder\.\w+|dimension\.\w+|list|single|option)$/;

function roleFeatures(context: PairContext, candidate: Candidate, sink: FeatureSink): void {
  const preposition = prepositionBefore(context.utterance, candidate.from);
  const tags = candidate.tags.filter((tag) => KIND_TAGS.test(tag));
  const counted = context.utterance.tokens[candidate.from - 1]?.kind === "number";
  for (const [roles, weight] of [
    [context.parameter.roles.byName, 1],
    [context.parameter.roles.byDescription, 0.5],
  ] as const) {
    for (const role of roles) {
      for (const tag of tags) sink(`@${role}|${tag}`, weight);
      if (preposition !== "") sink(`@${role}|after.${preposition}`, weight);
      if (counted) sink(`@${role}|behind.number`, weight);
    }
  }
}

/** The preposition or verb-like link in front, articles skipped; "" where there is none. */
function prepositionBefore(utterance: Utterance, from: number): string {
  let at = from - 1;
  while (at >= 0 && /^(?:the|a|an|my|your|our|'|"|“|‘|\(|\[|\$)$/.test(utterance.tokens[at]?.lower ?? ""))
    at--;
  const lower = utterance.tokens[at]?.lower ?? "";
  return PREPOSITIONS.has(lower) || /^(?:is|are|=|:|and|or|,|both|am|i'm|called)$/.test(lower) ? lower : "";
}

function neighbourFeatures(
  context: PairContext,
  candidate: Candidate,
  group: string,
  sink: FeatureSink,
): void {
  const { tokens } = context.utterance;
  const before = prepositionBefore(context.utterance, candidate.from);
  if (before !== "") sink(`${group}|after.${before}`, 1);
  const next = tokens[candidate.to];
  if (candidate.to >= tokens.length || next?.kind === "mark") sink(`${group}|before.mark`, 1);
  else if (next !== undefined && STOP_WORDS.has(next.lower)) sink(`${group}|before.stop`, 1);
  else sink(`${group}|before.word`, 1);
  const previous = tokens[candidate.from - 1];
  if (previous === undefined) sink(`${group}|at.start`, 1);
  else if (previous.kind === "word" && !STOP_WORDS.has(previous.lower)) sink(`${group}|behind.word`, 1);
  else if (previous.kind === "number") sink(`${group}|behind.number`, 1);
  const length = candidate.to - candidate.from;
  sink(`${group}|length.${length > 6 ? "7" : length}`, 1);
}

function cueFeatures(context: PairContext, candidate: Candidate, group: string, sink: FeatureSink): void {
  const own = reach(context.sites, candidate, context.utterance);
  const rival = reach(context.rivals, candidate, context.utterance);
  sink(`${group}|cue.before`, own.before);
  sink(`${group}|cue.after`, own.after);
  sink(`${group}|rival.before`, rival.before);
  sink(`${group}|rival.after`, rival.after);
  if (own.adjacentBefore > 0) sink(`${group}|cue.adjacent.before`, own.adjacentBefore);
  if (own.adjacentAfter > 0) sink(`${group}|cue.adjacent.after`, own.adjacentAfter);
  if (rival.adjacentBefore > own.adjacentBefore) sink(`${group}|rival.adjacent.before`, rival.adjacentBefore);
  if (rival.adjacentAfter > own.adjacentAfter) sink(`${group}|rival.adjacent.after`, rival.adjacentAfter);
  if (own.before + own.after === 0) sink(`${group}|cue.none`, 1);
  if (own.inside > 0) sink(`${group}|cue.inside`, own.inside);
  if (own.insideLast > 0) sink(`${group}|cue.inside.last`, own.insideLast);
  if (rival.inside > 0) sink(`${group}|rival.inside`, rival.inside);
}

function unitFeatures(context: PairContext, candidate: Candidate, sink: FeatureSink): void {
  const dimension = candidate.tags.find((tag) => tag.startsWith("dimension."))?.slice("dimension.".length);
  const wanted = context.parameter.units;
  if (dimension === undefined) {
    if (wanted.length > 0 && candidate.tags.includes("number")) sink("unit.absent", 1);
    return;
  }
  if (wanted.some((unit) => unit.dimension === dimension)) sink("unit.same", 1);
  const unit = candidate.tags.find((tag) => tag.startsWith("unit.is."))?.slice("unit.is.".length);
  if (wanted.some(({ name }) => name === unit)) sink(wanted.length === 1 ? "unit.only" : "unit.one", 1);
  if (context.parameter.nameStems.some((one) => one === unit)) sink("unit.named", 1);
  if (!wanted.some((one) => one.dimension === dimension)) {
    sink(wanted.length > 0 ? "unit.other" : "unit.unwanted", 1);
  }
  if (dimension === "time" && hasRole(context.parameter, "duration")) sink("unit.duration", 1);
  if (dimension === "money" && hasRole(context.parameter, "money")) sink("unit.money", 1);
  if (dimension === "percent" && hasRole(context.parameter, "rate")) sink("unit.rate", 1);
}

function contentFeatures(context: PairContext, candidate: Candidate, group: string, sink: FeatureSink): void {
  if (candidate.from < 0 || candidate.to - candidate.from > REACH) return;
  let content = 0;
  let known = 0;
  let generic = 0;
  for (let at = candidate.from; at < candidate.to; at++) {
    const token = context.utterance.tokens[at];
    if (token?.kind !== "word" || STOP_WORDS.has(token.lower)) continue;
    content++;
    if (context.toolStems.has(token.stem)) known++;
    if (GENERIC_WORDS.has(token.lower)) generic++;
  }
  if (content > 0) {
    sink(`${group}|tool.words`, known / content);
    if (known === content) sink(`${group}|tool.words.all`, 1);
    if (generic === content) sink(`${group}|generic.all`, 1);
  }
  const example = context.parameter.description.includes(candidate.text) && candidate.text.length > 2;
  if (example) sink(`${group}|in.description`, 1);
  if (candidate.tags.includes("name.joined") || /\p{L}, ?\p{L}/u.test(candidate.text)) {
    sink(
      /city(?: and|,)? ?(?:state|country)|, \w/i.test(context.parameter.description)
        ? `${group}|comma.wanted`
        : `${group}|comma.plain`,
      1,
    );
  }
}

function orderFeatures(context: PairContext, candidate: Candidate, group: string, sink: FeatureSink): void {
  const rank = context.spanRanks.get(candidate.start);
  if (rank === undefined) return;
  if (rank === context.order.rank) sink(`${group}|order.same`, 1);
  else sink(`${group}|order.off`, Math.min(3, Math.abs(rank - context.order.rank)));
  if (context.order.of === 1 && rank === 0) sink(`${group}|order.only.first`, 1);
}

/** Features of giving the parameter nothing. */
export function noneFeatures(
  parameter: Parameter,
  candidates: readonly Candidate[],
  sites: number,
  sink: FeatureSink,
): void {
  const group = kindGroup(parameter);
  const need = parameter.required ? "required" : parameter.branches.length > 0 ? "alternative" : "optional";
  const options = parameter.closed ? ".closed" : parameter.options.length > 0 ? ".options" : "";
  sink(`none|${group}.${need}`, 1);
  if (options !== "") sink(`none|${group}.${need}${options}`, 1);
  if (parameter.fallback !== undefined || /default/i.test(parameter.description))
    sink(`none|${group}.default`, 1);
  if (candidates.length > 0 && sites === 0) sink(`none|${group}.uncued`, 1);
  if (candidates.some(isMeasure)) sink("none|measure", 1);
  for (const role of parameter.roles.byName) sink(`none|@${role}.${need}`, 1);
}
