import { ATTRIBUTES } from "@forerun/telemetry/names";
import type { Span } from "@forerun/telemetry/tracing";
import type { EndStep } from "../call-record.ts";
import type { ToolStep } from "../collaborators.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import { callKey } from "./canonical.ts";

/** How an early call stands. Its result is quarantined: nobody sees it before the decision has asked for this very call. */
type Standing = { kind: "running" } | Ended;

type Ended = { kind: "ended"; step: EndStep; atMs: number };

type EarlyCall = {
  record: ToolCallRecord;
  stop: AbortController;
  span: Span;
  standing: Standing;
  ended: Promise<Standing>;
};

/** A decided call that was begun early, under the id it began with: what it brought, or the promise of it. */
export type Claimed = {
  record: ToolCallRecord;
  result: Promise<{ step: EndStep; atMs: number }>;
  ready: boolean;
};

/** An early call that has brought a result which nobody has asked for yet. */
export type Brought = { record: ToolCallRecord; step: EndStep; atMs: number };

export type EarlyDeps = {
  /** Starts the call at the executor as an early one. */
  execute(call: ToolCall, scope: { trace: string | undefined; signal: AbortSignal }): AsyncIterable<ToolStep>;
  /** The call's span; its outcome is told on it. */
  span(call: ToolCall): Span;
  /** Milliseconds since the turn began. */
  elapsed(): number;
  /** Told of each call that has come to an end of its own. */
  ended(): void;
};

/** The calls of one turn that began before its decision. Every one of them is claimed or discarded, once. */
export class EarlyCalls {
  readonly #deps: EarlyDeps;
  readonly #calls = new Map<string, EarlyCall>();

  constructor(deps: EarlyDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** The id of the early call that is this very call. */
  idOf(call: ToolCall): string | undefined {
    return this.#calls.get(callKey(call))?.record.call.callId;
  }

  /** Begins a call; its record says so. `place` is given back when it has ended, `decision` is the span that it runs ahead of. */
  start(
    record: ToolCallRecord,
    { place, decision }: { place: Disposable; decision: string | undefined },
  ): void {
    const stop = new AbortController();
    const span = this.#deps.span(record.call);
    span.link(decision);
    const ended = this.#run(record.call, { trace: span.traceparent, signal: stop.signal });
    const early: EarlyCall = { record, stop, span, standing: { kind: "running" }, ended };
    early.ended = ended.then((standing) => {
      place[Symbol.dispose]();
      early.standing = standing;
      if (standing.kind === "ended") this.#deps.ended();
      return standing;
    });
    this.#calls.set(callKey(record.call), early);
  }

  /** Takes the early call that is the decided one, if there is one; it is then the decided call's result. */
  claim(decided: ToolCall): Claimed | undefined {
    const key = callKey(decided);
    const early = this.#calls.get(key);
    if (!early) return undefined;
    this.#calls.delete(key);
    const ready = early.standing.kind === "ended";
    const result = early.ended.then((standing) => {
      if (standing.kind === "ended") {
        endSpan(early.span, standing.step.kind === "failure" ? "failed" : ready ? "hit" : "late");
        return standing;
      }
      endSpan(early.span, "cancelled");
      throw new Error("an early call ended without a result");
    });
    // It may be awaited later, or never when the turn is stopped.
    result.catch(() => {});
    return { record: early.record, result, ready };
  }

  /** What all of the calls brought; undefined while one of them runs or when one has failed. */
  results(): readonly Brought[] | undefined {
    const calls = [...this.#calls.values()];
    const brought = calls.flatMap(({ record, standing }) =>
      standing.kind === "ended" && standing.step.kind === "result"
        ? [{ record, step: standing.step, atMs: standing.atMs }]
        : [],
    );
    return brought.length === calls.length ? brought : undefined;
  }

  /** Ends what nobody claimed: running calls are stopped, finished ones thrown away. Gives the records of both. */
  discardAll(): ToolCallRecord[] {
    const atMs = this.#deps.elapsed();
    const records = [...this.#calls.values()].map(({ record, stop, standing, span }) => {
      const ended = unwanted(record, standing, atMs);
      if (standing.kind === "running") stop.abort();
      endSpan(span, ended.outcome);
      return ended;
    });
    this.#calls.clear();
    return records;
  }

  async #run(call: ToolCall, scope: { trace: string | undefined; signal: AbortSignal }): Promise<Standing> {
    try {
      for await (const step of this.#deps.execute(call, scope)) {
        if (step.kind === "result" || step.kind === "failure") return this.#ended(step);
      }
    } catch (fault) {
      if (scope.signal.aborted) return { kind: "running" };
      const message = fault instanceof Error ? fault.message : String(fault);
      return this.#ended({ kind: "failure", code: "unreachable", message });
    }
    if (scope.signal.aborted) return { kind: "running" };
    return this.#ended({ kind: "failure", code: "failed", message: "the tool gave no result" });
  }

  #ended(step: EndStep): Ended {
    return { kind: "ended", step, atMs: this.#deps.elapsed() };
  }
}

function unwanted(record: ToolCallRecord, standing: Standing, atMs: number): ToolCallRecord {
  const endMs = standing.kind === "ended" ? standing.atMs : atMs;
  const outcome =
    standing.kind === "running" ? "cancelled" : standing.step.kind === "result" ? "miss" : "failed";
  return { ...record, outcome, endMs, wastedMs: endMs - record.startMs };
}

function endSpan(span: Span, outcome: ToolCallRecord["outcome"]): void {
  span.setAttributes({ [ATTRIBUTES.speculation]: outcome });
  span.end(outcome === "failed" ? "error" : "ok");
}
