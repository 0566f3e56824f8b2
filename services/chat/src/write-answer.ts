import { SPANS } from "@forerun/telemetry/names";
import type { Span } from "@forerun/telemetry/tracing";
import type { AnswerStep, CallScope } from "./collaborators.ts";
import { onceMore } from "./once-more.ts";
import type { Allowed, StepBounds } from "./quota/turn-quota.ts";
import type { Expectations } from "./speculation/expectations.ts";
import type { Findings } from "./take-rounds.ts";
import { type AnsweredEnding, type ClientCall, type Ending, NO_USAGE, type Snippet } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";
import { costSpent, modelCallsLeft } from "./turn-limits.ts";
import type { WrittenAnswer } from "./turn-progress.ts";
import { scopeOf, type Work } from "./turn-work.ts";
import { usageEvents } from "./usage.ts";

/**
 * Streams the answer into the turn and says what the turn ends as. One that was begun early on these findings is taken up; one
 * that breaks off with its service is written anew, and what was said of it is taken back.
 */
export async function writeAnswer(
  work: Work,
  findings: Findings,
  snippets: readonly Snippet[],
): Promise<Ending> {
  const begin = () => beginAnswer(work, findings, snippets);
  return onceMore(
    async (again) =>
      streamAnswer(work, (again ? undefined : work.ahead.take(findings.records)) ?? (await begin())),
    work.signal,
    () =>
      work.scribe.turn.text === "" ? Promise.resolve() : work.scribe.stream("now", { kind: "outputReset" }),
  );
}

/** `spent`: the turn may call no model for it; `cut`: its quota may end it. */
type BegunAnswer = { steps: AsyncIterable<AnswerStep>; span: Span; spent?: boolean; cut?: boolean };

/** Tokens of a call that nothing bounds. */
export const UNBOUNDED: StepBounds = { maxInputTokens: 0, maxOutputTokens: 0 };

async function streamAnswer(
  { job, scribe, deps, signal, quota }: Work,
  { steps, span, spent = false, cut = false }: BegunAnswer,
): Promise<Ending> {
  let written = false;
  const overspent = spent || costSpent(job.limits, scribe.turn.usage);
  try {
    for await (const step of steps) {
      if (step.kind === "text") {
        // The first word goes at once; those after it may gather.
        const pace = scribe.turn.text === "" ? "now" : "gather";
        deps.mark("firstTextMs");
        await scribe.stream(pace, { kind: "outputTextDelta", text: step.text });
        if (quota && !(await quota.wrote(step.text))) {
          written = true;
          await scribe.stream("gather", textDone(scribe.turn.text, OUT_OF_QUOTA));
          return OUT_OF_QUOTA;
        }
      } else if (step.kind === "reused") {
        await scribe.stream("gather", { kind: "cacheHit", ...step.reused, what: "answer", callId: "" });
      } else if (step.kind === "citation") {
        await scribe.stream("gather", { kind: "outputTextAnnotationAdded", citation: step.citation });
      } else {
        written = true;
        quota?.told();
        const ending =
          overspent || (cut && step.finish === "max_tokens") ? OUT_OF_QUOTA : answerEnding(step.finish);
        await scribe.stream(
          "gather",
          textDone(scribe.turn.text, ending),
          ...clientCallEvents(step.clientCalls ?? []),
          ...usageEvents(scribe.turn, step.usage),
        );
        return ending;
      }
    }
    throw new Error("the answer's stream ended before it was done");
  } finally {
    span.end(written || signal.aborted ? "ok" : "error");
  }
}

async function beginAnswer(
  work: Work,
  findings: Findings,
  snippets: readonly Snippet[],
): Promise<BegunAnswer> {
  const { job, scribe, deps } = work;
  const span = deps.tracer.start(SPANS.answer, job.span.traceparent);
  const left = modelCallsLeft(job.limits, scribe.turn.usage);
  const allowed = left > 0 ? await allowedFor(work, findings, snippets) : UNBOUNDED;
  const spent = allowed === "spent";
  if (spent && (job.responseSchema || job.clientTools)) return { steps: nothing(), span, spent };
  const bounds = spent ? UNBOUNDED : allowed;
  const asked = { snippets, modelCalls: spent ? 0 : left, early: false, bounds };
  const steps = askForAnswer(work, findings, asked, scopeOf(work, span));
  const { maxOutputTokens: most } = bounds;
  const cut = most > 0 && (job.limits.maxOutputTokens === 0 || most < job.limits.maxOutputTokens);
  return { steps: learning(steps, deps.expectations), span, spent, cut };
}

/** What a model may be asked for the answer; nothing is set aside where the decision carries it. */
async function allowedFor(
  { job, scribe, quota }: Work,
  { decision, records }: Findings,
  snippets: readonly Snippet[],
): Promise<Allowed> {
  if (!quota || decision?.text) return UNBOUNDED;
  const parts = job.clientTools
    ? [job.clientTools]
    : [job.text, job.history, records, snippets, job.responseSchema];
  return quota.before("answer", parts, scribe.turn.usage, job.limits.maxOutputTokens);
}

/** An answer that takes a model, where none may be asked. */
async function* nothing(): AsyncGenerator<AnswerStep> {
  yield { kind: "done", finish: "stop", usage: NO_USAGE };
}

type AskedAnswer = Readonly<{
  snippets: readonly Snippet[];
  modelCalls: number;
  early: boolean;
  bounds: StepBounds;
}>;

/** Asks the answer service; `modelCalls` is what it may spend. */
export function askForAnswer(
  { job, deps }: Work,
  { decision, records }: Findings,
  { snippets, modelCalls, early, bounds }: AskedAnswer,
  scope: CallScope,
): AsyncIterable<AnswerStep> {
  const question = {
    early,
    text: job.text,
    history: job.history,
    decision,
    toolCalls: records,
    snippets,
    maxOutputTokens: least(job.limits.maxOutputTokens, bounds.maxOutputTokens),
    maxInputTokens: bounds.maxInputTokens,
    maxModelCalls: modelCalls,
    now: deps.now(),
    responseSchema: job.responseSchema,
    clientTools: job.clientTools,
    toolChoice: job.toolChoice,
  };
  return deps.collaborators.generate(question, scope);
}

/** Notes how long a model's first word took and what its answer cost: what an answer that begins early may save, and waste. */
async function* learning(
  steps: AsyncIterable<AnswerStep>,
  expectations: Expectations,
): AsyncGenerator<AnswerStep> {
  const begunAt = performance.now();
  let firstTextMs: number | undefined;
  for await (const step of steps) {
    if (step.kind === "text") firstTextMs ??= performance.now() - begunAt;
    if (step.kind === "done" && step.usage.modelCalls > 0 && firstTextMs !== undefined)
      expectations.answerTook({ firstTextMs, costMicros: step.usage.costMicros });
    yield step;
  }
}

/** Says an answer that another owner of the turn has written to its end: what was paid for is not asked for again. */
export async function sayAgain(
  { scribe }: Work,
  { text, citations, ending }: WrittenAnswer,
): Promise<Ending> {
  const said: TurnEventBody[] = text === "" ? [] : [{ kind: "outputTextDelta", text }];
  const cited = citations.map((citation): TurnEventBody => ({ kind: "outputTextAnnotationAdded", citation }));
  await scribe.stream("now", ...said, ...cited, textDone(text, ending));
  return ending;
}

const OUT_OF_QUOTA: AnsweredEnding = { state: "incomplete", reason: "quota" };

/** The smaller of two bounds, of which 0 is none. */
function least(one: number, other: number): number {
  return one > 0 && other > 0 ? Math.min(one, other) : Math.max(one, other);
}

function textDone(text: string, ending: AnsweredEnding): TurnEventBody {
  return { kind: "outputTextDone", text, reason: ending.state === "incomplete" ? ending.reason : "" };
}

function clientCallEvents(calls: ClientCall[]): TurnEventBody[] {
  return calls.length > 0 ? [{ kind: "clientCallsRequested", calls }] : [];
}

function answerEnding(finish: "stop" | "max_tokens" | "content_filter"): AnsweredEnding {
  switch (finish) {
    case "stop":
      return { state: "completed" };
    case "max_tokens":
      return { state: "incomplete", reason: "max_tokens" };
    case "content_filter":
      return { state: "incomplete", reason: "guardrail" };
    default:
      return finish satisfies never;
  }
}
