import type { Span } from "@forerun/telemetry/tracing";
import { openRecord } from "../call-record.ts";
import type { Drafted } from "../collaborators.ts";
import type { CallIds } from "../plan/call-ids.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import type { TurnEventBody } from "../turn-event.ts";
import type { AnswerAhead } from "./answer-ahead.ts";
import type { Claimed, EarlyCalls } from "./early-calls.ts";
import type { Expectations } from "./expectations.ts";
import { mayStartAnother, type SpeculationPolicy, worthLaunching } from "./launch-rule.ts";

type SpeculatorDeps = {
  early: EarlyCalls;
  /** The answer that may begin on what early calls bring. */
  ahead: AnswerAhead;
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
  /** Probability of each call that was begun early, by its id: 1 once the model has written it. */
  readonly #hits = new Map<string, number>();
  /** Those that were begun on tier 0's word. */
  readonly #guesses = new Set<string>();
  #routingSince = 0;
  #routing: Span | undefined;
  #firstPTool: number | undefined;
  #mayGuess: boolean | undefined;

  constructor(deps: SpeculatorDeps) {
    this.#deps = deps;
  }

  /** A round's question goes to the router now, under this span. */
  routingBegins(span: Span): void {
    this.#routingSince = this.#deps.elapsed();
    this.#routing = span;
    this.#firstPTool = undefined;
  }

  /** The round's decision is there. One that was there before teaches nothing about how long decisions take. */
  routingEnded(reused: boolean): void {
    const { expectations, elapsed } = this.#deps;
    if (!reused) expectations.routeTook(elapsed() - this.#routingSince);
  }

  /** Considers one draft, best first, and starts it where that pays. Gives what is to be said of it. */
  consider(draft: Drafted): TurnEventBody[] {
    if (!this.#deps.policy.enabled) return [];
    return draft.source === "decision" ? this.#considerWritten(draft) : this.#considerGuess(draft);
  }

  /** An early call has ended: where all have brought a result, the answer may start. */
  callEnded(): void {
    const { early, ahead, expectations, elapsed } = this.#deps;
    const brought = early.results();
    if (!brought) return;
    const hit = brought.reduce(
      (product, { record }) => product * (this.#hits.get(record.call.callId) ?? 0),
      1,
    );
    ahead.consider(brought, hit, expectations.routeMs - (elapsed() - this.#routingSince));
  }

  /** Matches the decided calls against what was begun, stops the rest, and learns from both. */
  settle(decided: readonly ToolCall[]): Settlement {
    const { early } = this.#deps;
    const claims = new Map<ToolCall, Claimed>();
    for (const call of decided) {
      // A reference stands for a value that no early call could know.
      const claim = call.dependsOn.length === 0 ? early.claim(call) : undefined;
      if (!claim) continue;
      claims.set(call, claim);
      this.#learn(claim.record, true);
    }
    return { claims, events: this.discard() };
  }

  /** Stops whatever nobody has claimed: at the decision, and when the turn ends without one. */
  discard(): TurnEventBody[] {
    return this.#deps.early.discardAll().map((record) => {
      this.#learn(record, false);
      return { kind: record.outcome === "cancelled" ? "toolCallCancelled" : "toolCallDiscarded", record };
    });
  }

  /** A guess: the policy's floors, the launch rule, and the budgets of turn and tenant decide. */
  #considerGuess(draft: Drafted): TurnEventBody[] {
    const { early } = this.#deps;
    const first = this.#firstPTool;
    this.#firstPTool ??= draft.pTool;
    if (early.idOf(draft.call) !== undefined) return [];
    const record = this.#newRecord(draft.call);
    const drafted: TurnEventBody = { kind: "toolCallDrafted", record };
    if (!this.#mayStart(draft, first) || !this.#start(record, draft.pTool * draft.pArguments))
      return [drafted];
    this.#guesses.add(record.call.callId);
    return [drafted, { kind: "toolCallStarted", record }];
  }

  /** The model has written this call: it is all but decided for, and started unless it changes something. */
  #considerWritten(draft: Drafted): TurnEventBody[] {
    const begun = this.#deps.early.idOf(draft.call);
    if (begun !== undefined) {
      this.#hits.set(begun, 1);
      this.callEnded();
      return [];
    }
    if (!draft.mayStartEarly) return [];
    const record = this.#newRecord(draft.call);
    const drafted: TurnEventBody = { kind: "toolCallDrafted", record };
    return this.#start(record, 1) ? [drafted, { kind: "toolCallStarted", record }] : [];
  }

  #newRecord(call: ToolCall): ToolCallRecord {
    const { ids, elapsed } = this.#deps;
    return { ...openRecord({ ...call, callId: ids.next() }, elapsed()), early: true };
  }

  #mayStart(draft: Drafted, firstPTool: number | undefined): boolean {
    const { policy, early, expectations, tenant } = this.#deps;
    if (!draft.mayStartEarly || this.#guesses.size >= policy.maxPerTurn) return false;
    const another = early.size > 0 && firstPTool !== undefined;
    if (another && !mayStartAnother(firstPTool, draft.pTool)) return false;
    const times = { toolMs: expectations.toolMs(draft.call.name), routeMs: expectations.routeMs };
    if (!worthLaunching({ ...draft, ...times }, policy)) return false;
    this.#mayGuess ??= expectations.waste.calls.mayGuess(tenant, policy.maxWaste);
    return this.#mayGuess;
  }

  /** False when the tool or the tenant has as many early calls under way as it may. */
  #start(record: ToolCallRecord, hit: number): boolean {
    const { early, expectations, tenant } = this.#deps;
    const place = expectations.places.take(tenant, record.call.name);
    if (!place) return false;
    this.#hits.set(record.call.callId, hit);
    early.start(record, { place, decision: this.#routing?.traceparent });
    return true;
  }

  #learn({ call }: ToolCallRecord, used: boolean): void {
    const { expectations, tenant } = this.#deps;
    if (this.#guesses.has(call.callId)) expectations.waste.calls.ended(tenant, used);
  }
}
