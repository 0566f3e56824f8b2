import { SPANS } from "@forerun/telemetry/names";
import type { Span } from "@forerun/telemetry/tracing";
import type { AnswerStep, CallScope } from "./collaborators.ts";
import { onceMore } from "./once-more.ts";
import type { Expectations } from "./speculation/expectations.ts";
import type { Findings } from "./take-rounds.ts";
import type { AnsweredEnding, ClientCall, Ending, Snippet } from "./turn.ts";
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
    (again) => streamAnswer(work, (again ? undefined : work.ahead.take(findings.records)) ?? begin()),
    work.signal,
    () =>
      work.scribe.turn.text === "" ? Promise.resolve() : work.scribe.stream("now", { kind: "outputReset" }),
  );
}

type BegunAnswer = { steps: AsyncIterable<AnswerStep>; span: Span };

async function streamAnswer(
  { job, scribe, deps, signal }: Work,
  { steps, span }: BegunAnswer,
): Promise<Ending> {
  let written = false;
  const overspent = costSpent(job.limits, scribe.turn.usage);
  try {
    for await (const step of steps) {
      if (step.kind === "text") {
        // The first word goes at once; those after it may gather.
        const pace = scribe.turn.text === "" ? "now" : "gather";
        deps.mark("firstTextMs");
        await scribe.stream(pace, { kind: "outputTextDelta", text: step.text });
      } else if (step.kind === "reused") {
        await scribe.stream("gather", { kind: "cacheHit", ...step.reused, what: "answer", callId: "" });
      } else if (step.kind === "citation") {
        await scribe.stream("gather", { kind: "outputTextAnnotationAdded", citation: step.citation });
      } else {
        written = true;
        const ending: AnsweredEnding = overspent
          ? { state: "incomplete", reason: "quota" }
          : answerEnding(step.finish);
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

function beginAnswer(work: Work, findings: Findings, snippets: readonly Snippet[]): BegunAnswer {
  const { job, scribe, deps } = work;
  const span = deps.tracer.start(SPANS.answer, job.span.traceparent);
  const modelCalls = modelCallsLeft(job.limits, scribe.turn.usage);
  const steps = askForAnswer(work, findings, { snippets, modelCalls, early: false }, scopeOf(work, span));
  return { steps: learning(steps, deps.expectations), span };
}

/** Asks the answer service; `modelCalls` is what it may spend. */
export function askForAnswer(
  { job, deps }: Work,
  { decision, records }: Findings,
  { snippets, modelCalls, early }: { snippets: readonly Snippet[]; modelCalls: number; early: boolean },
  scope: CallScope,
): AsyncIterable<AnswerStep> {
  const question = {
    early,
    text: job.text,
    history: job.history,
    decision,
    toolCalls: records,
    snippets,
    maxOutputTokens: job.limits.maxOutputTokens,
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
