/** How a turn goes on that another owner has begun: nothing that has ended is done again. */
import { openRecord } from "./call-record.ts";
import { openingEvents, type PlannedCall } from "./plan/plan-calls.ts";
import { runPlan } from "./run-plan.ts";
import type { RouteDecision, ToolCall, ToolCallRecord } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";
import type { TurnProgress } from "./turn-progress.ts";
import { elapsedNow, scopeOf, type Work } from "./turn-work.ts";

/** A decision and how its calls ended; `earlier` holds the records of the rounds before, `number` counts from 1. */
export type Round = {
  number: number;
  decision: RouteDecision;
  earlier: readonly ToolCallRecord[];
  ended: readonly ToolCallRecord[];
};

/** What is said of calls that were under way and that no decision has asked for. */
export function droppedCalls({ turn, decisions }: TurnProgress): TurnEventBody[] {
  const decided = callIdsOf(decisions);
  return turn.toolCalls
    .filter(({ outcome, call }) => outcome === "open" && !decided.has(call.callId))
    .map((record) => ({ kind: "toolCallCancelled", record: { ...record, outcome: "cancelled" } }));
}

/** Brings the last round that was decided to its end; undefined where none was. */
export async function resumeRound(work: Work): Promise<Round | undefined> {
  const { job, scribe, deps, progress } = work;
  const decision = progress.decisions.at(-1);
  if (!decision) return undefined;
  const before = callIdsOf(progress.decisions.slice(0, -1));
  const earlier = progress.turn.toolCalls.filter(({ call }) => before.has(call.callId));
  const known = new Map(progress.turn.toolCalls.map((record) => [record.call.callId, record]));
  const planned = decision.calls.map((call) => standing(call, known.get(call.callId), elapsedNow(work)));
  const said = openingEvents(planned);
  if (said.length > 0) await scribe.record(...said);
  const { collaborators, tracer, now } = deps;
  const { lease } = job;
  await runPlan(planned, earlier, { lease, scribe, collaborators, tracer, now }, scopeOf(work));
  const own = callIdsOf([decision]);
  const ended = scribe.turn.toolCalls.filter(({ call }) => own.has(call.callId));
  return { number: progress.decisions.length, decision, earlier, ended };
}

/** A call that was stopped with its owner may have done something before: it is asked for again as one that may have been run. */
function standing(call: ToolCall, record: ToolCallRecord | undefined, atMs: number): PlannedCall {
  if (!record)
    return { kind: call.dependsOn.length > 0 ? "waiting" : "fresh", record: openRecord(call, atMs) };
  const again = record.outcome === "open" || record.outcome === "cancelled";
  return again ? { kind: "again", record: { ...record, outcome: "open" } } : { kind: "ended", record };
}

function callIdsOf(decisions: readonly RouteDecision[]): Set<string> {
  return new Set(decisions.flatMap(({ calls }) => calls.map(({ callId }) => callId)));
}
