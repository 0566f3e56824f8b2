import type { ToolStep } from "../collaborators.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import { callKey } from "./canonical.ts";

/** How an early call stands. Its result is quarantined: nobody sees it before the decision has asked for this very call. */
type Standing = { kind: "running" } | { kind: "ended"; step: EndStep; atMs: number };

type EndStep = Extract<ToolStep, { kind: "result" | "failure" }>;

type EarlyCall = {
  record: ToolCallRecord;
  stop: AbortController;
  standing: Standing;
  ended: Promise<Standing>;
};

/** A decided call that was begun early, under the id it began with: what it brought, or the promise of it. */
export type Claimed = {
  record: ToolCallRecord;
  result: Promise<{ step: EndStep; atMs: number }>;
  ready: boolean;
};

export type EarlyDeps = {
  /** Starts the call at the executor as an early one. */
  execute(call: ToolCall, signal: AbortSignal): AsyncIterable<ToolStep>;
  /** Milliseconds since the turn began. */
  elapsed(): number;
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

  has(call: ToolCall): boolean {
    return this.#calls.has(callKey(call));
  }

  /** Begins a call; its record says so. */
  start(record: ToolCallRecord): void {
    const stop = new AbortController();
    const early: EarlyCall = {
      record,
      stop,
      standing: { kind: "running" },
      ended: Promise.resolve({ kind: "running" }),
    };
    early.ended = this.#run(record.call, stop.signal).then((standing) => {
      early.standing = standing;
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
    const result = early.ended.then((standing) => {
      if (standing.kind === "ended") return standing;
      throw new Error("an early call ended without a result");
    });
    return {
      record: early.record,
      result,
      ready: early.standing.kind === "ended",
    };
  }

  /** Ends what nobody claimed: running calls are stopped, finished ones thrown away. Gives the records of both. */
  discardAll(): ToolCallRecord[] {
    const atMs = this.#deps.elapsed();
    const records = [...this.#calls.values()].map(({ record, stop, standing }) => {
      if (standing.kind === "running") {
        stop.abort();
        return { ...record, outcome: "cancelled" as const, endMs: atMs, wastedMs: atMs - record.startMs };
      }
      const outcome = standing.step.kind === "result" ? ("miss" as const) : ("failed" as const);
      return { ...record, outcome, endMs: standing.atMs, wastedMs: standing.atMs - record.startMs };
    });
    this.#calls.clear();
    return records;
  }

  async #run(call: ToolCall, signal: AbortSignal): Promise<Standing> {
    try {
      for await (const step of this.#deps.execute(call, signal)) {
        if (step.kind === "result" || step.kind === "failure")
          return { kind: "ended", step, atMs: this.#deps.elapsed() };
      }
    } catch (fault) {
      if (signal.aborted) return { kind: "running" };
      const message = fault instanceof Error ? fault.message : String(fault);
      return {
        kind: "ended",
        step: { kind: "failure", code: "unreachable", message },
        atMs: this.#deps.elapsed(),
      };
    }
    return {
      kind: "ended",
      step: { kind: "failure", code: "failed", message: "the tool gave no result" },
      atMs: this.#deps.elapsed(),
    };
  }
}
