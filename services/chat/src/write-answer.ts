import { SPANS } from "@forerun/telemetry/names";
import type { Findings } from "./take-rounds.ts";
import type { ClientCall, Ending, Snippet } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";
import { costSpent, modelCallsLeft } from "./turn-limits.ts";
import { scopeOf, type Work } from "./turn-work.ts";
import { usageEvents } from "./usage.ts";

/** Streams the answer into the turn and says what the turn ends as. */
export async function writeAnswer(
  work: Work,
  { decision, records }: Findings,
  snippets: readonly Snippet[],
): Promise<Ending> {
  const { job, scribe, deps } = work;
  const span = deps.tracer.start(SPANS.answer, work.job.span.traceparent);
  let outcome: "ok" | "error" = "error";
  const overspent = costSpent(job.limits, scribe.turn.usage);
  try {
    const steps = deps.collaborators.generate(
      {
        text: job.text,
        history: job.history,
        decision,
        toolCalls: records,
        snippets,
        maxOutputTokens: job.limits.maxOutputTokens,
        maxModelCalls: modelCallsLeft(job.limits, scribe.turn.usage),
        now: deps.now(),
        responseSchema: job.responseSchema,
        clientTools: job.clientTools,
        toolChoice: job.toolChoice,
      },
      scopeOf(work, span),
    );
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
        outcome = "ok";
        await scribe.stream(
          "gather",
          { kind: "outputTextDone", text: scribe.turn.text },
          ...clientCallEvents(step.clientCalls ?? []),
          ...usageEvents(scribe.turn, step.usage),
        );
        return overspent ? { state: "incomplete", reason: "quota" } : answerEnding(step.finish);
      }
    }
    throw new Error("the answer's stream ended before it was done");
  } finally {
    span.end(outcome);
  }
}

function clientCallEvents(calls: ClientCall[]): TurnEventBody[] {
  return calls.length > 0 ? [{ kind: "clientCallsRequested", calls }] : [];
}

function answerEnding(finish: "stop" | "max_tokens" | "content_filter"): Ending {
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
