import { openRecord } from "../call-record.ts";
import type { Drafted } from "../collaborators.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import type { TurnEventBody } from "../turn-event.ts";
import type { Claimed, EarlyCalls } from "./early-calls.ts";
import type { Expectations } from "./expectations.ts";
import { mayStartAnother, type SpeculationPolicy, worthLaunching } from "./launch-rule.ts";

type SpeculatorDeps = {
  early: EarlyCalls;
  expectations: Expectations;
  policy: SpeculationPolicy;
  tenant: string;
  /** Milliseconds since the turn began. */
  elapsed(): number;
};

/** What became of the early calls once the decision is known. */
export type Settlement = {
  /** The decided calls, those that were begun early under the id they began with. */
  calls: ToolCall[];
  /** Early calls that are decided calls, by call id. */
  claims: Map<string, Claimed>;
  /** What is said of the early calls that nobody wanted. */
  events: TurnEventBody[];
};

/** One turn's early calls: which drafts start, and what the decision makes of them. */
export class Speculator {
  readonly #deps: SpeculatorDeps;
  readonly #startedAt: number;
  #drafts = 0;
  #firstPTool = 0;

  constructor(deps: SpeculatorDeps) {
    this.#deps = deps;
    this.#startedAt = deps.elapsed();
  }

  /** Considers one draft, best first, and starts it where that pays. Gives what is to be said of it. */
  consider(draft: Drafted): TurnEventBody[] {
    const { policy, early } = this.#deps;
    if (!policy.enabled) return [];
    this.#drafts += 1;
    const call = { ...draft.call, callId: `c${this.#drafts}` };
    const record: ToolCallRecord = { ...openRecord(call, this.#deps.elapsed()), early: true };
    const events: TurnEventBody[] = [{ kind: "toolCallDrafted", record }];
    if (this.#mayStart(draft, call)) {
      early.start(record);
      events.push({ kind: "toolCallStarted", record });
    }
    if (this.#drafts === 1) this.#firstPTool = draft.pTool;
    return events;
  }

  /** Matches the decision against what was begun, stops the rest, and learns from both. */
  settle(decided: readonly ToolCall[]): Settlement {
    const { early, expectations, tenant } = this.#deps;
    expectations.routeTook(this.#deps.elapsed() - this.#startedAt);
    const claims = new Map<string, Claimed>();
    const ids = new Map<string, string>();
    const claimed = decided.map((call) => {
      const claim = early.claim(call);
      if (claim) {
        ids.set(call.callId, claim.record.call.callId);
        claims.set(claim.record.call.callId, claim);
        expectations.earlyCallEnded(tenant, true);
      }
      return claim;
    });
    const events = this.discard();
    return { calls: renamed(decided, claimed, ids, this.#drafts), claims, events };
  }

  /** Stops whatever nobody has claimed: at the decision, and when the turn ends without one. */
  discard(): TurnEventBody[] {
    const { early, expectations, tenant } = this.#deps;
    return early.discardAll().map((record) => {
      expectations.earlyCallEnded(tenant, false);
      return { kind: record.outcome === "cancelled" ? "toolCallCancelled" : "toolCallDiscarded", record };
    });
  }

  #mayStart(draft: Drafted, call: ToolCall): boolean {
    const { policy, early, expectations, tenant } = this.#deps;
    if (!draft.mayStartEarly || early.size >= policy.maxPerTurn || early.has(call)) return false;
    if (early.size > 0 && !mayStartAnother(this.#firstPTool)) return false;
    const prospect = { ...draft, toolMs: expectations.toolMs(call.name), routeMs: expectations.routeMs };
    return worthLaunching(prospect, policy) && expectations.mayStartEarly(tenant, policy.maxWaste);
  }
}

/** Ids are given once a turn: a claimed call keeps the one it began with, and the others get the next free ones. */
function renamed(
  decided: readonly ToolCall[],
  claimed: readonly (Claimed | undefined)[],
  ids: Map<string, string>,
  drafts: number,
): ToolCall[] {
  if (drafts === 0) return [...decided];
  let next = drafts;
  for (const [index, call] of decided.entries()) {
    if (!claimed[index]) ids.set(call.callId, `c${++next}`);
  }
  const idOf = (id: string) => ids.get(id) ?? id;
  return decided.map((call) => ({ ...call, callId: idOf(call.callId), dependsOn: call.dependsOn.map(idOf) }));
}
