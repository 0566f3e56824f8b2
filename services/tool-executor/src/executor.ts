import type { Cache, Reused } from "@forerun/cache/cache";
import { type Share, SingleFlight } from "@forerun/cache/single-flight";
import type { Caller } from "@forerun/runtime/caller";
import { FairPlaces } from "@forerun/runtime/fair-places";
import { guard } from "@forerun/runtime/guard";
import type { Logger } from "@forerun/runtime/logger";
import { CallStop } from "./call-stop.ts";
import { concludeStop, noRecord } from "./conclude-call.ts";
import type { Invocations } from "./invocations/invocation.ts";
import { WriteCalls } from "./invocations/write-calls.ts";
import { type PreparedCall, prepareCall } from "./prepare-call.ts";
import { ProgressRelay } from "./progress-relay.ts";
import type { RegisteredTool } from "./registered-tool.ts";
import { ResultCache, type ResultSlot } from "./result-cache.ts";
import { type RunningCall, RunningCalls } from "./running-calls.ts";
import type { CallEnd, CallEvent, CallId, CallProgress, CallRequest, FinishedCall } from "./tool-call.ts";
import type { ToolRegistry } from "./tool-registry.ts";
import { ToolRun } from "./tool-run.ts";

export type ExecutorDeps = Readonly<{
  registry: ToolRegistry;
  /** Keeps results for as long as their tools allow; without one every call runs. */
  cache: Cache | undefined;
  /** Notes the calls of tools that change something; without it none of them runs. */
  record: Invocations | undefined;
  log: Logger;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Told of every call that ended. */
  observe(call: FinishedCall): void;
}>;

/** One tool may keep this many runs going; each tenant may have so many that wait, and beyond that they are refused. */
const PLACES = { running: 16, waiting: 64 };

type Ended = CallEnd & { reused?: Reused };

/** Runs calls: checks, bounds, times and stops them. Whatever a tool does, the answer is data, never a fault. */
export class Executor {
  readonly #deps: ExecutorDeps;
  readonly #running = new RunningCalls();
  readonly #results: ResultCache | undefined;
  readonly #runs = new SingleFlight<ToolRun>();
  readonly #writes: WriteCalls | undefined;
  // By definition, so that a mended tool starts with free places although calls of its old version hang.
  readonly #places = new WeakMap<RegisteredTool, FairPlaces>();

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
    this.#results = deps.cache && new ResultCache(deps.cache);
    const { record, log } = deps;
    this.#writes = record && new WriteCalls({ record, running: this.#running, log });
  }

  /**
   * The call's events; the last is its result or failure. Leaving early, or `signal`, stops the tool, unless it changes
   * something.
   */
  async *execute(request: CallRequest, caller: Caller, signal: AbortSignal): AsyncGenerator<CallEvent> {
    const startedAt = this.#deps.now();
    const call = prepareCall(request, this.#deps.registry.find(request.name, request.toolHash));
    let end: Ended = call.kind === "failure" ? call : concludeStop(call, "left");
    try {
      if (call.kind === "prepared") end = yield* this.#bring(call, request, caller, signal);
    } finally {
      this.#observe(request, end, startedAt);
    }
    yield { ...end, durationMs: this.#since(startedAt) };
  }

  /** Whether the tool that the call asks for changes something. */
  writes({ name, toolHash }: CallRequest): boolean {
    const found = this.#deps.registry.find(name, toolHash);
    return found.kind === "found" && found.tool.tool.effect === "write";
  }

  /** True when a try of the call up to `lastAttempt` was running here, for the caller's own tenant, and was told to stop. */
  cancel(caller: Caller, of: CallId, lastAttempt?: number): boolean {
    return this.#running.cancel(caller, of, lastAttempt);
  }

  /** A decision asked for the early call: its result may be used again. True when the call is known here. */
  async commit(caller: Caller, of: CallId): Promise<boolean> {
    if (this.#running.decide(caller, of)) return true;
    return (await this.#results?.release(caller, of)) ?? false;
  }

  /** Stops whatever still runs. */
  cancelAll(): void {
    this.#running.cancelAll();
  }

  /** Resolves when no call that changes something is under way and the end of each is noted, or after so many milliseconds. */
  async writesEnded(withinMs: number): Promise<void> {
    await this.#writes?.idle(withinMs);
  }

  /** An earlier result that still holds, else a run's. */
  async *#bring(
    call: PreparedCall,
    request: CallRequest,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncGenerator<CallEvent, Ended> {
    using stop = new CallStop(signal);
    const running: RunningCall = { stop, attempt: request.attempt ?? 1, decided: !request.early };
    using _noted = this.#running.add(caller, request, running);
    if (call.registered.tool.effect === "write") return yield* this.#write(call, request, caller, stop);
    const slot = this.#results?.slotOf(call, caller);
    const found = slot && (await this.#results?.find(slot));
    if (found) {
      yield { kind: "accepted", effect: call.registered.tool.effect };
      return found;
    }
    if (stop.reason) return concludeStop(call, stop.reason);
    const { end, personal } = yield* this.#run(call, request, caller, slot, stop);
    const kept = guard("tools.kept.personal", !personal) ? slot : undefined;
    if (kept && running.decided) await this.#results?.keep(kept, end);
    else if (kept) await this.#results?.hold(kept, end, request);
    return end;
  }

  async *#write(
    call: PreparedCall,
    request: CallRequest,
    caller: Caller,
    stop: CallStop,
  ): AsyncGenerator<CallEvent, CallEnd> {
    if (!this.#writes) return noRecord(call);
    return yield* this.#writes.bring(call, { caller, request, stop }, (signal, idempotencyKey) =>
      this.#begin(call, request, { caller, idempotencyKey }, signal),
    );
  }

  async *#run(
    call: PreparedCall,
    request: CallRequest,
    caller: Caller,
    slot: ResultSlot | undefined,
    stop: CallStop,
  ): AsyncGenerator<CallEvent, { end: CallEnd; personal: boolean }> {
    using share = this.#share(slot, (signal) => this.#begin(call, request, { caller }, signal));
    // At once, however slowly the events are read.
    stop.signal.addEventListener("abort", () => share[Symbol.dispose](), { once: true });
    const relay = new ProgressRelay<CallProgress>();
    share.work.listen((progress) => relay.report(progress));
    const stopped = stop.stopped().then((why) => concludeStop(call, why));
    const entry = await Promise.race([share.work.entered, stopped]);
    if (entry.kind === "entered") yield { kind: "accepted", effect: call.registered.tool.effect };
    const end = yield* relay.until(Promise.race([share.work.done, stopped]));
    return { end, personal: share.work.personal };
  }

  /** Equal calls of one caller share a run; a call whose result is not kept has its own. */
  #share(slot: ResultSlot | undefined, begin: (signal: AbortSignal) => ToolRun): Share<ToolRun> {
    if (slot) return this.#runs.join(slot.runKey, begin);
    const alone = new AbortController();
    return { work: begin(alone.signal), [Symbol.dispose]: () => alone.abort() };
  }

  #begin(
    call: PreparedCall,
    request: CallRequest,
    of: { caller: Caller; idempotencyKey?: string },
    signal: AbortSignal,
  ): ToolRun {
    const places = this.#placesOf(call.registered);
    return new ToolRun(call, request, { ...of, places, log: this.#deps.log }, signal);
  }

  #placesOf(registered: RegisteredTool): FairPlaces {
    const places = this.#places.get(registered) ?? new FairPlaces(PLACES);
    this.#places.set(registered, places);
    return places;
  }

  #observe({ name, callId, turnId, early, trace }: CallRequest, end: Ended, startedAt: number): void {
    this.#deps.observe({
      tool: name,
      callId,
      turnId,
      early,
      outcome: end.kind === "result" ? "ok" : end.code,
      reused: end.reused !== undefined,
      durationMs: this.#since(startedAt),
      trace,
    });
  }

  #since(startedAt: number): number {
    return Math.round(this.#deps.now() - startedAt);
  }
}
