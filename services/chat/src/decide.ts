import { ATTRIBUTES, SPANS } from "@forerun/telemetry/names";
import type { RouteQuestion, RouteStep } from "./collaborators.ts";
import { onceMore } from "./once-more.ts";
import type { Allowed } from "./quota/turn-quota.ts";
import type { ToolCallRecord } from "./turn.ts";
import { modelCallsLeft } from "./turn-limits.ts";
import { scopeOf, type TurnJob, type Work } from "./turn-work.ts";

export type Decided = Extract<RouteStep, { kind: "decided" }>;

/** Asks the router, and gives its drafts to the speculator meanwhile. `earlier`: the records of the rounds before. */
export function decide(work: Work, earlier: readonly ToolCallRecord[]): Promise<Decided> {
  return onceMore(() => askRouter(work, earlier), work.signal);
}

async function askRouter(work: Work, earlier: readonly ToolCallRecord[]): Promise<Decided> {
  const { deps, speculator, quota } = work;
  const { job, scribe } = work;
  const bounds = await quota?.before("route", [job.text, job.history, earlier], scribe.turn.usage);
  const span = deps.tracer.start(SPANS.route, work.job.span.traceparent);
  let decided = false;
  speculator.routingBegins(span);
  try {
    for await (const step of deps.collaborators.route(
      questionOf(work, earlier, bounds),
      scopeOf(work, span),
    )) {
      if (step.kind === "drafted") {
        const said = speculator.consider(step);
        if (said.length > 0) await work.scribe.stream("gather", ...said);
        continue;
      }
      decided = true;
      quota?.told();
      speculator.routingEnded(step.reused !== undefined);
      deps.mark("decidedMs");
      span.setAttributes({
        [ATTRIBUTES.tier]: step.decision.tier,
        [ATTRIBUTES.action]: step.decision.action,
      });
      return step;
    }
    throw new Error("the router's stream ended without a decision");
  } finally {
    // What was stopped has not failed.
    span.end(decided || work.signal.aborted ? "ok" : "error");
  }
}

function questionOf(
  { job, scribe, deps }: Work,
  earlier: readonly ToolCallRecord[],
  bounds: Allowed | undefined,
): RouteQuestion {
  const left = bounds === "spent" ? 0 : modelCallsLeft(job.limits, scribe.turn.usage);
  return {
    text: job.text,
    history: job.history,
    // A tool that has to be called is called in the first round.
    toolChoice: job.toolChoice === "required" && earlier.length > 0 ? "auto" : job.toolChoice,
    allowedTools: job.allowedTools,
    now: deps.now(),
    // The last call is kept for the answer.
    maxModelCalls: Math.max(0, left - 1),
    answerModelCalls: mayCarryAnswer(job) ? Math.min(1, left) : 0,
    maxToolCalls: Math.max(0, job.limits.maxToolCalls - earlier.length),
    earlierCalls: earlier,
    ...(bounds !== "spent" && bounds),
  };
}

/** The words of a decision are held neither to a number of tokens nor to a schema. */
function mayCarryAnswer({ limits, responseSchema }: TurnJob): boolean {
  return limits.maxOutputTokens === 0 && responseSchema === undefined;
}
