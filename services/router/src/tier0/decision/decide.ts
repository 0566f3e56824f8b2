import { type Clause, splitClauses } from "../clauses.ts";
import { rankTools } from "../ranking/rank.ts";
import type { ToolIndex } from "../ranking/tool-index.ts";
import type { Clock } from "../spans/utterance.ts";
import { type AbstainReason, abstainFromText } from "./abstain.ts";
import { clarifyingQuestion } from "./clarify.ts";
import { distribute } from "./distribute.ts";
import { type ClauseReading, type Draft, readClause, readFragment } from "./draft.ts";
import { followUp, type Turn } from "./follow-up.ts";
import type { Means } from "./means.ts";
import { isNegated } from "./negation.ts";
import { combineClauses } from "./several-calls.ts";
import { withPlaceOf } from "./there.ts";
import type { Tier0Call, Tier0Decision } from "./tier0-decision.ts";
import { toCall } from "./to-call.ts";
import { varyCall } from "./vary-call.ts";

export type Tier0Question = Readonly<{
  text: string;
  /** Earlier messages, oldest first. */
  history: readonly Turn[];
  clock: Clock;
  toolChoice: "auto" | "none" | "required";
  maxCalls: number;
}>;

/** Tools that are named for a text that is not read. */
const SHOWN = 8;
/** Below it the tool is not wanted. */
const CALL_THRESHOLD = 0.5;
/** With tools required, the likeliest complete call is taken from here on. */
const REQUIRED_THRESHOLD = 0.1;
/** Asking back costs the user a turn: only when the tool is likely. */
const CLARIFY_THRESHOLD = 0.6;
/** A call is not worth making when its arguments are this unlikely; a write call must be likelier right than wrong. */
const MIN_P_ARGUMENTS = { pure: 0.1, read: 0.1, write: 0.5, unknown: 0.1 } as const;

/** Decides without a model what a message needs. Pure but for the validator's cache. */
export function decide(index: ToolIndex, question: Tier0Question, means: Means): Tier0Decision {
  if (question.toolChoice === "none" || question.maxCalls === 0) return abstain("tools_off", []);
  if (index.tools.length === 0) return nothingToCall(question);
  const bare = abstainFromText(question.text);
  const long = bare === "long_text" || bare === "pasted_text";
  const related = long ? undefined : followUp(question.text, question.history);
  if (related?.kind === "variation") {
    const varied = varyCall(index, related, question.clock, means);
    if (varied !== undefined)
      return { ...callDecision([varied], [varied], "follow_up"), ranking: [varied.name] };
  }
  if (related?.kind === "completion" && bare === undefined) {
    const completed = decideText(index, related.combined, question, means);
    if (completed.action === "call") return { ...completed, reason: "completed" };
  }
  if (related?.kind === "consent") {
    const taken = decideText(index, related.offer, question, means);
    if (taken.action === "call" && taken.calls.every((call) => isHarmless(index, call)))
      return { ...taken, reason: "completed" };
  }
  if (bare !== undefined)
    return { ...abstain(bare, []), ranking: long ? likelyTools(index, question, means) : [] };
  const before = question.history.filter(({ role }) => role === "user").map(({ content }) => content);
  const text = withPlaceOf(question.text, before.slice(-1), means.prior.lexicon);
  return decideText(index, text, question, means);
}

/** What was offered in words of a model is done without asking one only where it changes nothing. */
function isHarmless(index: ToolIndex, { name }: Tier0Call): boolean {
  const effect = index.tools.find(({ definition }) => definition.name === name)?.definition.effect;
  return effect === "pure" || effect === "read";
}

/** Which tools a model should see for a text that tier 0 does not read itself. */
function likelyTools(index: ToolIndex, { text }: Tier0Question, { prior }: Means): string[] {
  return rankTools(index, text, SHOWN, prior.lexicon.synonyms).map(({ tool }) => tool.definition.name);
}

function nothingToCall(question: Tier0Question): Tier0Decision {
  if (question.toolChoice !== "required") return abstain("no_tools", []);
  return {
    ...abstain("no_tools", []),
    action: "refuse",
    text: "A tool was required, but none may be used here.",
  };
}

function decideText(index: ToolIndex, text: string, question: Tier0Question, means: Means): Tier0Decision {
  const whole = readClause(index, text, question.clock, means.prior);
  const threshold = question.toolChoice === "required" ? REQUIRED_THRESHOLD : CALL_THRESHOLD;
  const spread = whole.drafts[0] === undefined ? 1 : distribute(whole.drafts[0], whole.utterance).length;
  const fits = (draft: Draft): boolean => problemOf(draft, means) === undefined;
  for (const cutting of ["requests", "joins"] as const) {
    const clauses = splitClauses(text, cutting);
    if (clauses.length < 2) continue;
    const { drafts, refused } = readInOrder(index, clauses, threshold, question.clock, means);
    const several = combineClauses(drafts, whole.drafts[0], { threshold, least: refused ? 1 : 2, fits });
    if (several !== undefined && (refused || several.length >= spread))
      return severalCalls(several, whole, question);
  }
  return decideOne(whole, threshold, question.maxCalls, means);
}

type ReadClauses = Readonly<{
  drafts: readonly (Draft | undefined)[];
  /** A clause says what is not wanted: another one stands for itself. */
  refused: boolean;
}>;

/** A clause that names no tool of its own is read as more arguments for the tool before it. */
function readInOrder(
  index: ToolIndex,
  clauses: readonly Clause[],
  threshold: number,
  clock: Clock,
  means: Means,
): ReadClauses {
  const { prior } = means;
  const drafts: (Draft | undefined)[] = [];
  let refused = false;
  for (const [at, clause] of clauses.entries()) {
    const earlier = clauses.slice(0, at).map(({ text }) => text);
    const text = withPlaceOf(clause.text, earlier, prior.lexicon);
    const reading = readClause(index, text, clock, prior);
    const [own] = reading.drafts;
    const before = drafts.findLast((draft) => draft !== undefined);
    if (own !== undefined && objection(reading, own, 0, means) === "negated") {
      refused = true;
      drafts.push(undefined);
      continue;
    }
    const continues = before !== undefined && (own === undefined || own.pTool < threshold);
    drafts.push(continues ? readFragment(before, text, clock, prior) : own);
  }
  return { drafts, refused };
}

function severalCalls(
  drafts: readonly Draft[],
  whole: ClauseReading,
  question: Tier0Question,
): Tier0Decision {
  const kept = distinctCalls(drafts).slice(0, question.maxCalls);
  const ranking = [...new Set([...kept.map((call) => call.name), ...rankingOf(whole)])];
  return { ...callDecision(kept, kept, "matched"), ranking };
}

/** Equal calls are one. */
function distinctCalls(drafts: readonly Draft[]): Tier0Call[] {
  const calls = new Map<string, Tier0Call>();
  for (const call of drafts.map(toCall)) {
    const key = JSON.stringify([call.name, call.arguments]);
    if (!calls.has(key)) calls.set(key, call);
  }
  return [...calls.values()];
}

function decideOne(reading: ClauseReading, threshold: number, maxCalls: number, means: Means): Tier0Decision {
  const [draft] = reading.drafts;
  if (draft === undefined) return abstain("below_threshold", []);
  const drafts = reading.drafts.map(toCall);
  const shown = { candidates: candidatesOf(reading), ranking: rankingOf(reading) };
  const reason = objection(reading, draft, threshold, means);
  if (reason === undefined) {
    const calls = distinctCalls(distribute(draft, reading.utterance)).slice(0, maxCalls);
    return { ...callDecision(calls, drafts, "matched"), ...shown };
  }
  const asks = reason === "missing_arguments" || reason === "invalid_arguments";
  if (asks && draft.pTool >= CLARIFY_THRESHOLD) {
    const text = clarifyingQuestion(draft);
    return { ...abstain(reason, drafts), action: "clarify", text, confidence: draft.pTool, ...shown };
  }
  return { ...abstain(reason, drafts), confidence: 1 - draft.pTool, ...shown };
}

function objection(
  reading: ClauseReading,
  draft: Draft,
  threshold: number,
  means: Means,
): AbstainReason | undefined {
  const { definition } = draft.ranked.tool;
  if (draft.pTool < threshold) return "below_threshold";
  if (isNegated(reading.utterance.tokens, draft.ranked.tool)) return "negated";
  if (isLittleUnderstood(draft)) return "little_understood";
  if (isAmbiguous(reading)) return "ambiguous_tools";
  if (draft.extraction.missing.length > 0) return "missing_arguments";
  if (problemOf(draft, means) !== undefined) return "invalid_arguments";
  if (draft.extraction.probability < MIN_P_ARGUMENTS[definition.effect ?? "unknown"])
    return "unsure_arguments";
  return undefined;
}

function problemOf({ ranked, extraction }: Draft, { validator }: Means): string | undefined {
  return validator.problemOf(ranked.tool.definition, extraction.arguments);
}

const LEAST_UNDERSTOOD = 0.2;
/** On the scale of the feature: three words. */
const MANY_UNKNOWN = 0.75;

/** By words alone: hardly a word of the text is the tool's or an argument, and it is not like an example. */
function isLittleUnderstood({ ranked, features }: Draft): boolean {
  const { explained = 1, unexplained = 0, likeExample = 0 } = features;
  return (
    ranked.meaning === undefined &&
    likeExample === 0 &&
    explained < LEAST_UNDERSTOOD &&
    unexplained >= MANY_UNKNOWN
  );
}

const EQUAL_SCORES = 0.005;

/** Two tools that nothing tells apart. */
function isAmbiguous(reading: ClauseReading): boolean {
  const [first, second] = reading.drafts;
  if (first === undefined || second === undefined) return false;
  return (
    Math.abs(first.ranked.score - second.ranked.score) < EQUAL_SCORES &&
    Math.abs(first.pTool - second.pTool) < EQUAL_SCORES
  );
}

function candidatesOf(reading: ClauseReading): Tier0Decision["candidates"] {
  return reading.drafts.map(toCall).map(({ name, pTool, pArguments }) => ({ name, pTool, pArguments }));
}

function rankingOf(reading: ClauseReading): string[] {
  return reading.ranking.map(({ tool }) => tool.definition.name);
}

function callDecision(
  calls: readonly Tier0Call[],
  drafts: readonly Tier0Call[],
  reason: Tier0Decision["reason"],
): Tier0Decision {
  const confidence = calls.reduce((product, call) => product * call.pTool * call.pArguments, 1);
  const candidates = calls.map(({ name, pTool, pArguments }) => ({ name, pTool, pArguments }));
  return { action: "call", calls, drafts, text: "", confidence, candidates, ranking: [], reason };
}

function abstain(reason: AbstainReason, drafts: readonly Tier0Call[]): Tier0Decision {
  return {
    action: "answer",
    calls: [],
    drafts,
    text: "",
    confidence: 0.9,
    candidates: [],
    ranking: [],
    reason,
  };
}
