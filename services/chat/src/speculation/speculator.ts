import { openRecord } from "../call-record.ts";
import type { Drafted } from "../collaborators.ts";
import type { CallIds } from "../plan/call-ids.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import type { TurnEventBody } from "../turn-event.ts";
import type { Claimed, EarlyCalls } from "./early-calls.ts";
import type { Expectations } from "./expectations.ts";
import { mayStartAnother, type SpeculationPolicy, worthLaunching } from "./launch-rule.ts";

type SpeculatorDeps = {
  early: EarlyCalls;
  expectations: Expectations;
  policy: SpeculationPolicy;
  ids: CallIds;
  tenant: string;
  /** Milliseconds since the turn began. */
  elapsed(): number;
};

/** What became of the early calls once the decision is known. */
export type Settlement = {
  /** What was begun early of the decided calls. */
  claims: ReadonlyMap<ToolCall, Claimed>;
  /** What is said of the early calls that nobody wanted. */
  events: TurnEventBody[];
};

/** One turn's early calls: which drafts start, and what the decision makes of them. */
export class Speculator {
  readonly #deps: SpeculatorDeps;
  #routingSince = 0;
  #drafts = 0;
  #firstPTool = 0;

  constructor(deps: SpeculatorDeps) {
    this.#deps = deps;
  }

  /** A round's question goes to the router now. */
  routingBegins(): void {
    this.#routingSince = this.#deps.elapsed();
  }

  /** Considers one draft, best first, and starts it where that pays. Gives what is to be said of it. */
  consider(draft: Drafted): TurnEventBody[] {
    const { policy, early, ids } = this.#deps;
    if (!policy.enabled) return [];
    this.#drafts += 1;
    const call = { ...draft.call, callId: ids.next() };
    const record: ToolCallRecord = { ...openRecord(call, this.#deps.elapsed()), early: true };
    const events: TurnEventBody[] = [{ kind: "toolCallDrafted", record }];
    if (this.#mayStart(draft, call)) {
      early.start(record);
      events.push({ kind: "toolCallStarted", record });
    }
    if (this.#drafts === 1) this.#firstPTool = draft.pTool;
    return events;
  }

  /** Matches the decided calls against what was begun, stops the rest, and learns from both. */
  settle(decided: readonly ToolCall[]): Settlement {
    const { early, expectations, tenant } = this.#deps;
    expectations.routeTook(this.#deps.elapsed() - this.#routingSince);
    const claims = new Map<ToolCall, Claimed>();
    for (const call of decided) {
      // A reference stands for a value that no early call could know.
      const claim = call.dependsOn.length === 0 ? early.claim(call) : undefined;
      if (!claim) continue;
      claims.set(call, claim);
      expectations.earlyCallEnded(tenant, true);
    }
    return { claims, events: this.discard() };
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
