import { endedRecord, endingEvents, openRecord } from "../call-record.ts";
import type { Claimed } from "../speculation/early-calls.ts";
import type { Settlement } from "../speculation/speculator.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import type { TurnEventBody } from "../turn-event.ts";
import { type CallIds, numberCalls } from "./call-ids.ts";
import { type CallRules, type Denial, judgeCalls } from "./judge-calls.ts";

/**
 * A decided call: refused, to be run, to be run once its sources have ended, begun early and done, or begun early and running; in
 * a turn that was taken over also one that has ended already, and one that may have been run.
 */
export type PlannedCall =
  | { kind: "denied" | "fresh" | "waiting" | "hit" | "ended" | "again"; record: ToolCallRecord }
  | { kind: "late"; record: ToolCallRecord; result: Claimed["result"] };

export type Planned = {
  /** In the decision's order, so that a call's sources stand before it. */
  calls: PlannedCall[];
  /** What is said of early calls that nobody wanted. */
  events: TurnEventBody[];
};

type PlanDeps = {
  rules: CallRules;
  ids: CallIds;
  /** Matches the calls against those that were begun early. */
  settle(wanted: readonly ToolCall[]): Settlement;
  /** Milliseconds since the turn began. */
  atMs: number;
};

/** Judges the decided calls before any of them runs, takes over those that were begun early, and numbers all. */
export async function planCalls(decided: readonly ToolCall[], deps: PlanDeps): Promise<Planned> {
  const verdicts = judgeCalls(decided, deps.rules);
  const { claims, events } = deps.settle(decided.filter((_, index) => !verdicts[index]?.denial));
  const judged = decided.map((call, index) => ({ call, claim: claims.get(call), ...verdicts[index] }));
  const numbered = numberCalls(
    judged.map(({ call, claim, repeats }) => ({ call, begun: claim?.record.call.callId, repeats })),
    deps.ids,
  );
  const calls = judged.map(({ call: asked, denial, claim }, index) => {
    const call = numbered[index] ?? asked;
    if (denial) return denied(call, denial, deps.atMs);
    if (claim) return takenOver(call, claim);
    const kind = call.dependsOn.length > 0 ? "waiting" : "fresh";
    return { kind, record: openRecord(call, deps.atMs) } as const;
  });
  return { calls: await Promise.all(calls), events };
}

/** What is said of planned calls before they run, together with the decision. */
export function openingEvents(planned: readonly PlannedCall[]): TurnEventBody[] {
  return planned.flatMap(({ kind, record }): TurnEventBody[] => {
    switch (kind) {
      case "denied":
      case "hit":
        return endingEvents(record);
      case "fresh":
        return [{ kind: "toolCallStarted", record }];
      case "waiting":
      case "late":
      case "ended":
      case "again":
        return [];
      default:
        return kind satisfies never;
    }
  });
}

/** A call that is never run. */
export function denied(
  call: ToolCall,
  denial: Denial,
  atMs: number,
): { kind: "denied"; record: ToolCallRecord } {
  return { kind: "denied", record: { ...openRecord(call, atMs), ...denial, outcome: "denied" } };
}

async function takenOver(call: ToolCall, claim: Claimed): Promise<PlannedCall> {
  if (!claim.ready) return { kind: "late", record: { ...claim.record, call }, result: claim.result };
  const { step, atMs } = await claim.result;
  const record = { ...claim.record, call, savedMs: atMs - claim.record.startMs };
  return { kind: "hit", record: endedRecord(record, step, atMs, "hit") };
}
