import { LinkedAbort } from "@forerun/runtime/linked-abort";
import { ATTRIBUTES } from "@forerun/telemetry/names";
import type { Span } from "@forerun/telemetry/tracing";
import { endedRecord } from "../call-record.ts";
import type { AnswerStep } from "../collaborators.ts";
import { NO_USAGE, type ToolCallRecord, type Usage } from "../turn.ts";
import type { Brought } from "./early-calls.ts";
import type { Expectations } from "./expectations.ts";
import { HeldAnswer } from "./held-answer.ts";
import { pays, type SpeculationPolicy } from "./launch-rule.ts";

/** Writes an answer on calls that nobody has decided for yet. */
export type GenerateAhead = (
  records: readonly ToolCallRecord[],
  span: Span,
  signal: AbortSignal,
) => AsyncIterable<AnswerStep>;

type AnswerAheadDeps = {
  span(): Span;
  expectations: Expectations;
  policy: SpeculationPolicy;
  tenant: string;
  /** Ends with the turn. */
  signal: AbortSignal;
};

type Begun = { answer: HeldAnswer; span: Span; callIds: ReadonlySet<string> };

/**
 * The answer of a turn, begun on what early calls brought and held back until the decision asks for these calls and no others.
 * Once a turn: a wrong one costs one discarded model call.
 */
export class AnswerAhead {
  readonly #deps: AnswerAheadDeps;
  #begun: Begun | undefined;
  #generate: GenerateAhead | undefined;

  constructor(deps: AnswerAheadDeps) {
    this.#deps = deps;
  }

  /** Without it none begins. */
  allow(generate: GenerateAhead): void {
    this.#generate = generate;
  }

  /**
   * Begins where that pays. `hit` is the probability that these calls are all that will be asked for, `leftMs` how long the
   * decision is still expected to take.
   */
  consider(brought: readonly Brought[], hit: number, leftMs: number): void {
    const { expectations, policy, tenant } = this.#deps;
    const generate = this.#generate;
    if (!generate || brought.length === 0) return;
    const { firstTextMs, costMicros } = expectations.answer;
    if (!pays(hit, Math.min(firstTextMs, leftMs), costMicros)) return;
    this.#generate = undefined;
    if (expectations.waste.answers.mayGuess(tenant, policy.maxWaste))
      this.#begun = this.#begin(brought, generate);
  }

  /** The decision is known: throws away an answer to other calls than the decided ones, at once. Gives what it has used. */
  settle(decided: readonly ToolCallRecord[]): Usage {
    this.#generate = undefined;
    return this.#begun && answers(this.#begun, decided) ? NO_USAGE : this.discard();
  }

  /** The answer to these very calls, with its span; undefined when there is none, or when writing it has failed. */
  take(decided: readonly ToolCallRecord[]): { steps: AsyncIterable<AnswerStep>; span: Span } | undefined {
    const begun = this.#begun;
    if (!begun || begun.answer.failed || !answers(begun, decided)) return undefined;
    this.#begun = undefined;
    this.#tell(begun.span, true);
    return { steps: begun.answer.release(), span: begun.span };
  }

  /** Throws away what was begun. Gives what it has used. */
  discard(): Usage {
    const begun = this.#begun;
    if (!begun) return NO_USAGE;
    this.#begun = undefined;
    this.#tell(begun.span, false);
    begun.span.end();
    return begun.answer.discard();
  }

  #begin(brought: readonly Brought[], generate: GenerateAhead): Begun {
    const { signal } = this.#deps;
    const records = brought.map(({ record, step, atMs }) => endedRecord(record, step, atMs, "hit"));
    const work = new LinkedAbort(signal);
    const span = this.#deps.span();
    const answer = new HeldAnswer(generate(records, span, work.signal), work);
    return { answer, span, callIds: new Set(records.map(({ call }) => call.callId)) };
  }

  #tell(span: Span, used: boolean): void {
    const { expectations, tenant } = this.#deps;
    expectations.waste.answers.ended(tenant, used);
    span.setAttributes({ [ATTRIBUTES.speculation]: used ? "hit" : "miss" });
  }
}

/** An early call keeps its id when it is decided for, and is a hit when its result was there. */
function answers({ callIds }: Begun, decided: readonly ToolCallRecord[]): boolean {
  const hits = decided.filter(({ call, outcome }) => outcome === "hit" && callIds.has(call.callId));
  return hits.length === callIds.size && hits.length === decided.length;
}
