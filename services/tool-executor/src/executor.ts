import type { Caller } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import { Bulkhead } from "./bulkhead.ts";
import { CallStop } from "./call-stop.ts";
import { concludeError, concludeResult, concludeStop } from "./conclude-call.ts";
import { type PreparedCall, prepareCall } from "./prepare-call.ts";
import { ProgressRelay } from "./progress-relay.ts";
import type { RegisteredTool } from "./registered-tool.ts";
import { capText } from "./result-cap.ts";
import { RunningCalls } from "./running-calls.ts";
import {
  type CallEvent,
  type CallFailure,
  type CallProgress,
  type CallRequest,
  type CallResult,
  type FinishedCall,
  failure,
} from "./tool-call.ts";
import type { ToolRegistry } from "./tool-registry.ts";

export type ExecutorDeps = Readonly<{
  registry: ToolRegistry;
  log: Logger;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Told of every call that ended. */
  observe(call: FinishedCall): void;
}>;

/** One tool may keep this many calls going; more wait, and beyond that they are refused. */
const PLACES = { running: 16, waiting: 64 };
const MAX_PROGRESS_BYTES = 512;

/** Runs calls: checks, bounds, times and stops them. Whatever a tool does, the answer is data, never a fault. */
export class Executor {
  readonly #deps: ExecutorDeps;
  readonly #running = new RunningCalls();
  // By definition, so that a mended tool starts with free places although calls of its old version hang.
  readonly #bulkheads = new WeakMap<RegisteredTool, Bulkhead>();

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  /** The call's events; the last is its result or failure. Leaving early, or `signal`, stops the tool. */
  async *execute(request: CallRequest, caller: Caller, signal: AbortSignal): AsyncGenerator<CallEvent> {
    const startedAt = this.#deps.now();
    const call = prepareCall(request, this.#deps.registry.find(request.name, request.toolHash));
    let end: CallResult | CallFailure = call.kind === "failure" ? call : concludeStop(call, "left");
    try {
      if (call.kind === "prepared") end = yield* this.#run(call, request, caller, signal);
    } finally {
      this.#observe(request, end, startedAt);
    }
    yield { ...end, durationMs: this.#since(startedAt) };
  }

  /** True when the call was running here, for the caller's own tenant, and was told to stop. */
  cancel(caller: Caller, turnId: string, callId: string): boolean {
    return this.#running.cancel(caller, turnId, callId);
  }

  /** Stops whatever still runs. */
  cancelAll(): void {
    this.#running.cancelAll();
  }

  async *#run(
    call: PreparedCall,
    request: CallRequest,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncGenerator<CallEvent, CallResult | CallFailure> {
    const { tool } = call.registered;
    const stop = new CallStop(tool.timeoutMs, signal);
    const forget = this.#running.add(caller, request.turnId, request.callId, stop);
    const bulkhead = this.#bulkhead(call.registered);
    try {
      const entry = await bulkhead.enter(stop.signal);
      if (entry === "full")
        return failure("failed", `${tool.name} is busy with other calls; try again in a moment.`);
      if (entry === "stopped") return concludeStop(call, stop.reason ?? "cancelled");
      const relay = new ProgressRelay<CallProgress>();
      const work = this.#work(call, request, caller, stop, relay).finally(() => bulkhead.leave());
      yield { kind: "accepted", effect: tool.effect };
      return yield* relay.until(Promise.race([work, stop.stopped().then((why) => concludeStop(call, why))]));
    } finally {
      forget();
      stop.stop("left");
      stop[Symbol.dispose]();
    }
  }

  /** Never rejects. A tool that ignores its signal keeps its place until it is really done. */
  async #work(
    call: PreparedCall,
    request: CallRequest,
    caller: Caller,
    stop: CallStop,
    relay: ProgressRelay<CallProgress>,
  ): Promise<CallResult | CallFailure> {
    const { tool } = call.registered;
    const log = this.#deps.log.child({ tool: tool.name, call_id: request.callId, turn_id: request.turnId });
    try {
      const returned = await tool.run(call.input, {
        signal: stop.signal,
        deadline: stop.deadline,
        caller,
        log,
        progress: (text, fraction) => relay.report(progressOf(text, fraction)),
      });
      return stop.reason ? concludeStop(call, stop.reason) : concludeResult(call, returned, log);
    } catch (error) {
      return stop.reason ? concludeStop(call, stop.reason) : concludeError(call, error, request.callId, log);
    }
  }

  #bulkhead(registered: RegisteredTool): Bulkhead {
    const bulkhead = this.#bulkheads.get(registered) ?? new Bulkhead(PLACES);
    this.#bulkheads.set(registered, bulkhead);
    return bulkhead;
  }

  #observe(request: CallRequest, end: CallResult | CallFailure, startedAt: number): void {
    this.#deps.observe({
      tool: request.name,
      callId: request.callId,
      turnId: request.turnId,
      early: request.early,
      outcome: end.kind === "result" ? "ok" : end.code,
      durationMs: this.#since(startedAt),
    });
  }

  #since(startedAt: number): number {
    return Math.round(this.#deps.now() - startedAt);
  }
}

function progressOf(text: unknown, fraction: unknown): CallProgress {
  const share =
    typeof fraction === "number" && Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  return {
    kind: "progress",
    text: capText(String(text).toWellFormed(), MAX_PROGRESS_BYTES),
    fraction: share,
  };
}
