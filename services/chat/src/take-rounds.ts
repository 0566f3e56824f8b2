import { type Decided, decide } from "./decide.ts";
import { openingEvents, type PlannedCall, planCalls } from "./plan/plan-calls.ts";
import { type Round, resumeRound } from "./resume-round.ts";
import { runPlan } from "./run-plan.ts";
import type { RouteDecision, ToolCall, ToolCallRecord } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";
import { modelCallsLeft } from "./turn-limits.ts";
import { elapsedNow, scopeOf, type Work } from "./turn-work.ts";
import { addUsage, usageEvents } from "./usage.ts";

/** What is known when there is nothing more to find out: the last decision, and the ended calls of all rounds. */
export type Findings = { decision: RouteDecision | undefined; records: readonly ToolCallRecord[] };

/**
 * Decides and runs what was decided, once; and again over the results for as long as the turn may make a model call besides
 * that of the answer. A round in which nothing new was run is the last one. A turn that was taken over goes on with its last round.
 */
export async function takeRounds(work: Work): Promise<Findings> {
  let round = (await resumeRound(work)) ?? (await takeRound(work, [], 1));
  for (;;) {
    const { number, decision, earlier, ended } = round;
    const records = [...earlier, ...ended];
    const ran = ended.some(({ outcome }) => outcome !== "denied");
    if (!ran || !mayDecideAgain(work, decision, number, records.length)) return { decision, records };
    round = await takeRound(work, records, number + 1);
  }
}

/**
 * Only a model can tell what results are still wanting: tier 0 reads the message alone. A decision that was remembered counts as
 * one that was made, so that a turn takes the same rounds whether or not it was asked before.
 */
function mayDecideAgain(
  { job, scribe }: Work,
  { tier }: RouteDecision,
  round: number,
  calls: number,
): boolean {
  const { limits } = job;
  const left = modelCallsLeft(limits, scribe.turn.usage);
  return tier > 0 && left > 1 && round + 1 < limits.maxModelCalls && calls < limits.maxToolCalls;
}

async function takeRound(work: Work, earlier: readonly ToolCallRecord[], number: number): Promise<Round> {
  const { job, scribe, deps, ids, speculator, ahead } = work;
  const decided = await decide(work, earlier);
  const { action, calls } = decided.decision;
  const planned = await planCalls(action === "call" ? calls : [], {
    rules: {
      maxToolCalls: job.limits.maxToolCalls - earlier.length,
      toolsAllowed: job.toolChoice !== "none",
      allowedTools: job.allowedTools,
      earlier,
    },
    ids,
    settle: (wanted) => speculator.settle(wanted),
    atMs: elapsedNow(work),
  });
  const discarded = ahead.settle(planned.calls.map(({ record }) => record));
  const decision = { ...decided.decision, calls: planned.calls.map(({ record }) => record.call) };
  const said: TurnEventBody[] = [
    ...reuseEvents(decided),
    { kind: "routeDecided", decision },
    ...usageEvents(scribe.turn, addUsage(decided.usage, discarded)),
    ...planned.events,
    ...planEvents(planned.calls, earlier, number),
    ...openingEvents(planned.calls),
  ];
  // One wait for the log before a tool is started. Where none is, an answer may begin: it stands behind this in the log.
  if (planned.calls.some(({ kind }) => kind === "fresh" || kind === "waiting")) await scribe.record(...said);
  else await scribe.stream("now", ...said);
  const { collaborators, tracer, now } = deps;
  await runPlan(
    planned.calls,
    earlier,
    { lease: job.lease, scribe, collaborators, tracer, now },
    scopeOf(work),
  );
  const own = new Set(decision.calls.map(({ callId }) => callId));
  const ended = scribe.turn.toolCalls.filter(({ call }) => own.has(call.callId));
  return { number, decision, earlier, ended };
}

function reuseEvents({ reused }: Decided): TurnEventBody[] {
  return reused ? [{ kind: "cacheHit", ...reused, what: "route", callId: "" }] : [];
}

/** Calls side by side are no plan: it takes several steps, in one round or in more. */
function planEvents(
  planned: readonly PlannedCall[],
  earlier: readonly ToolCallRecord[],
  round: number,
): TurnEventBody[] {
  const before = earlier.map(({ call }) => call);
  const added = planned.map(({ record }) => record.call);
  if (added.length === 0 || (round === 1 && !hasSteps(added))) return [];
  const made = round > 2 || hasSteps(before);
  return [{ kind: made ? "planUpdated" : "planCreated", calls: [...before, ...added] }];
}

function hasSteps(calls: readonly ToolCall[]): boolean {
  return calls.some(({ dependsOn }) => dependsOn.length > 0);
}
