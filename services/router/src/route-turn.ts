import type { Embedder } from "@forerun/embeddings/embedder";
import type { LoneDecisions, SureDecision } from "./calibration/lone-decisions.ts";
import { sameCalls } from "./calibration/same-calls.ts";
import { MODEL_POLICY_VERSION } from "./model/decide.ts";
import { type DecidingModels, decideByTiers, type TieredDecision } from "./model/decide-by-tiers.ts";
import type { ModelCatalog } from "./model/model-catalog.ts";
import { NO_MODEL_USAGE } from "./model/model-decision.ts";
import type { RouteDecision, RoutedCall, RouteQuestion, RouteStep } from "./route-decision.ts";
import type { Tier0Question } from "./tier0/decision/decide.ts";
import type { Tier0Call, Tier0Decision } from "./tier0/decision/tier0-decision.ts";
import type { ToolIndex } from "./tier0/ranking/tool-index.ts";
import type { Tier0 } from "./tier0/tier0.ts";
import type { CatalogSnapshot } from "./tool-catalog.ts";

export type RouteDeps = Readonly<{
  tier0: Tier0;
  models: DecidingModels;
  /** Embeds questions as the tools' embedder does; that one unless it is given. */
  embedder?: Embedder | undefined;
  /** Says which of tier 0's decisions need no model; without a calibration all need one. */
  lone?: LoneDecisions | undefined;
  /** Waits so long for what a question means; milliseconds unless it is given. */
  patienceMs?: number | undefined;
  /** Called when tier 0 begins; what it gives is disposed of when tier 0 is done. */
  drafting?: () => Disposable;
}>;

/** Drafts less likely than this are not worth a message. */
const LEAST_DRAFT = 0.2;
/**
 * Longest wait for what a question means, in milliseconds: without a model tier 0's decision stands, with one it says which tools
 * the model gets to see.
 */
const MEANING_MS = { alone: 50, beforeModel: 15 } as const;
/** Confidence in a model's decision that tier 0 shares, and in one it does not: set by hand until calibrated. */
const SHARED_CONFIDENCE = 0.9;
const LONE_CONFIDENCE = 0.7;
const UNSURE = "I am not sure what you would like me to do. Could you put it another way?";

/** Where a model may be asked, tier 0's drafts at once and then its decision; else tier 0's decision alone. */
export async function* routeTurn(
  question: RouteQuestion,
  catalog: CatalogSnapshot,
  deps: RouteDeps,
  signal: AbortSignal,
): AsyncGenerator<RouteStep> {
  const { tier0, models } = deps;
  const index = await catalog.indexOf(question.allowedTools);
  const from = { version: tier0.policyVersion, question };
  if ((!models.route && !models.escalate) || question.maxModelCalls === 0) {
    const decision = alone(await decideAtTier0(index, question, deps, signal), from, "");
    // The decision is here already: a draft of it would tell nothing.
    yield { kind: "decided", decision, usage: NO_MODEL_USAGE };
    return;
  }
  const means = { ...deps, catalog: catalog.models };
  const { first, sure } = yield* draftAtTier0(index, question, means, signal);
  if (sure?.need === "none") {
    const decision = { ...alone(sure.decision, from, ""), reason: "calibrated" };
    yield { kind: "decided", decision, usage: NO_MODEL_USAGE };
    return;
  }
  const asked = {
    ...question,
    candidates: ranked(first, index),
    now: question.now.toISOString(),
  };
  for await (const step of decideByTiers(asked, catalog.models, models, signal)) {
    if (step.kind === "closed") {
      yield { kind: "draft", source: "decision", call: step.call, pTool: 1, pArguments: 1 };
      continue;
    }
    const decision = settle(step, first, from);
    const audit = sure?.need === "audit" ? auditOf(step, sure, catalog) : "none";
    yield { kind: "decided", decision: { ...decision, audit }, usage: step.usage, reused: step.reused };
  }
}

/** The decision without a model: by meaning where it is there in time. */
async function decideAtTier0(
  index: ToolIndex,
  question: RouteQuestion,
  { tier0, embedder, patienceMs, drafting }: RouteDeps,
  signal: AbortSignal,
): Promise<Tier0Decision> {
  using _drafting = drafting?.();
  const asked = tier0Question(question);
  const waitMs = patienceMs ?? MEANING_MS.alone;
  const byMeaning = await tier0.decideInTime(index, asked, { waitMs, signal, embedder });
  return byMeaning ?? tier0.decide(index, asked);
}

/** The better of the decisions by words and by meaning, and whether one is sure enough to need no model. */
type FirstReading = Readonly<{ first: Tier0Decision; sure: SureDecision | undefined }>;

/** Drafts what the words tell at once, and what the meaning tells a moment later; a decision that needs no model ends it. */
async function* draftAtTier0(
  index: ToolIndex,
  question: RouteQuestion,
  { tier0, embedder, lone, catalog, drafting }: RouteDeps & { catalog: ModelCatalog },
  signal: AbortSignal,
): AsyncGenerator<RouteStep, FirstReading> {
  using _drafting = drafting?.();
  const asked = tier0Question(question);
  const byWords = tier0.decide(index, asked);
  const drafts = new Set<string>();
  // What was drafted in the first round has run, or was not wanted.
  const wanted = question.earlierCalls.length === 0;
  const fits = (call: Tier0Call) => wanted && catalog.problemOf(call.name, call.arguments) === undefined;
  const judged = (decision: Tier0Decision) => (wanted ? lone?.judge(decision, index) : undefined);
  const sureByWords = judged(byWords);
  if (sureByWords?.need === "none") return { first: byWords, sure: sureByWords };
  yield* newDrafts(likely(byWords).filter(fits), drafts);
  const byMeaning = await tier0.decideInTime(index, asked, {
    waitMs: MEANING_MS.beforeModel,
    signal,
    embedder,
  });
  if (byMeaning === undefined) return { first: byWords, sure: sureByWords };
  const sure = sureByWords ?? judged(byMeaning);
  if (sure?.need !== "none") yield* newDrafts(likely(byMeaning).filter(fits), drafts);
  return { first: byMeaning, sure };
}

function tier0Question(question: RouteQuestion): Tier0Question {
  return {
    text: question.text,
    history: question.history,
    clock: { now: question.now, timeZone: question.timeZone },
    toolChoice: question.toolChoice,
    maxCalls: question.maxToolCalls,
  };
}

/** Those that are not yet in `drafts`, where they are noted. */
function* newDrafts(calls: readonly Tier0Call[], drafts: Set<string>): Generator<RouteStep> {
  for (const draft of calls) {
    const key = JSON.stringify([draft.name, draft.arguments]);
    if (drafts.has(key)) continue;
    const { pTool, pArguments } = draft;
    yield { kind: "draft", source: "tier0", call: routed(draft, drafts.size), pTool, pArguments };
    drafts.add(key);
  }
}

/** Complete calls that may well be decided for. */
function likely(decision: Tier0Decision): readonly Tier0Call[] {
  const calls = decision.action === "call" ? decision.calls : decision.drafts;
  return calls.filter(
    (call) => call.missing.length === 0 && call.pTool >= LEAST_DRAFT && call.pArguments > 0,
  );
}

/** Every allowed tool, tier 0's candidates first. */
function ranked(decision: Tier0Decision, index: ToolIndex): string[] {
  const all = index.tools.map((tool) => tool.definition.name);
  return [...new Set([...decision.ranking, ...all])];
}

/** Notes whether the model decides as tier 0 would have alone; one that failed says nothing. */
function auditOf(
  decided: TieredDecision,
  sure: SureDecision,
  { facts }: CatalogSnapshot,
): RouteDecision["audit"] {
  if (decided.kind === "unusable") return "none";
  const agreed = sameCalls(decided.calls, sure.decision.calls, (name) => facts.get(name)?.inputSchema);
  sure.audited(agreed);
  return agreed ? "agreed" : "disagreed";
}

/** What tier 0's decision was made with and for. */
type From = Readonly<{ version: string; question: RouteQuestion }>;

function settle(decided: TieredDecision, first: Tier0Decision, from: From): RouteDecision {
  if (decided.kind === "unusable") return alone(first, from, decided.reason);
  const agrees =
    decided.calls.some((call) => call.name === first.candidates[0]?.name) || decided.action === first.action;
  return {
    action: decided.action,
    calls: decided.calls,
    text: decided.text,
    confidence: agrees ? SHARED_CONFIDENCE : LONE_CONFIDENCE,
    candidates: first.candidates,
    tier: decided.tier,
    policyVersion: MODEL_POLICY_VERSION,
    fallbackReason: decided.refusals.join("; "),
    thought: decided.thought,
    reason: "model",
    audit: "none",
  };
}

/**
 * Tier 0's decision in place of a model's. Its calls are above its threshold; where it has none, a question back. A model that
 * failed altogether is as none: its outage must not turn every message into a question. Tier 0 does not read results: once
 * there are some, they are answered from.
 */
function alone(first: Tier0Decision, { version, question }: From, unusable: string): RouteDecision {
  const decision = fromTier0(first, version, unusable);
  if (question.earlierCalls.length > 0) return { ...decision, action: "answer", calls: [], text: "" };
  if (decision.action !== "answer" || unusable === "" || unusable.startsWith("model_failed")) return decision;
  return { ...decision, action: "clarify", text: UNSURE };
}

function fromTier0(decision: Tier0Decision, policyVersion: string, fallbackReason: string): RouteDecision {
  const { action, text, confidence, candidates } = decision;
  return {
    action,
    calls: decision.calls.map(routed),
    text,
    confidence,
    candidates,
    tier: 0,
    policyVersion,
    fallbackReason,
    thought: `tier 0: ${decision.reason.replaceAll("_", " ")}`,
    reason: decision.reason,
    audit: "none",
  };
}

function routed(call: Tier0Call, at: number): RoutedCall {
  return { callId: `c${at + 1}`, name: call.name, arguments: call.arguments, dependsOn: [] };
}
