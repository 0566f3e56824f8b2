import { setTimeout as delay } from "node:timers/promises";
import { mayPass } from "@forerun/db/sql-errors";
import type { Caller } from "@forerun/runtime/caller";
import { loggedPlace } from "@forerun/runtime/logged-error";
import type { Logger } from "@forerun/runtime/logger";
import { traceIdOf } from "@forerun/telemetry/tracing";
import { CallStop } from "../call-stop.ts";
import { concludeStop, notNoted, unknownOutcome } from "../conclude-call.ts";
import type { PreparedCall } from "../prepare-call.ts";
import { ProgressRelay } from "../progress-relay.ts";
import type { RunningCalls } from "../running-calls.ts";
import type { CallEnd, CallEvent, CallProgress, CallRequest } from "../tool-call.ts";
import type { ToolRun } from "../tool-run.ts";
import { type Invocation, type Invocations, invocationOf, type Reservation } from "./invocation.ts";
import { LiveRuns } from "./live-runs.ts";

export type WriteCallsDeps = Readonly<{ record: Invocations; running: RunningCalls; log: Logger }>;

/** One who asks for a write call, until `stop`. */
type Reader = Readonly<{ caller: Caller; request: CallRequest; stop: CallStop }>;

/** Starts the tool, with the id of its invocation. */
type BeginRun = (signal: AbortSignal, idempotencyKey: string) => ToolRun;

/** Pauses between looks at a call that runs elsewhere, in milliseconds. */
const LOOK_AGAIN = { first: 50, longest: 500 };
/** Between tries of the store. */
const TRY_AGAIN = { first: 100, longest: 2_000 };
/** How long a store may be away before a call is refused, since it cannot be noted. */
const RESERVE_MS = 15_000;
/** How long a store may be away before an end is given up; the call is then one of unknown outcome. */
const SETTLE_MS = 60_000;
/** How long a reader waits until the end is noted; it is told the end anyway. */
const NOTED_WITHIN_MS = 2_000;

/**
 * Calls of tools that change something: each is noted before it begins, runs at most once, and is answered from the note when
 * it is asked for again. A reader who leaves stops nothing: whoever takes over asks again, and finds how it ended. A cancel does.
 */
export class WriteCalls {
  readonly #deps: WriteCallsDeps;
  readonly #live: LiveRuns;
  readonly #pending = new Set<Promise<void>>();

  constructor(deps: WriteCallsDeps) {
    this.#deps = deps;
    this.#live = new LiveRuns(deps.record, deps.log);
  }

  /** The call's events but its last, which is returned. `begin` starts its run; it is called once or not at all. */
  async *bring(call: PreparedCall, reader: Reader, begin: BeginRun): AsyncGenerator<CallEvent, CallEnd> {
    const { caller, request, stop } = reader;
    const invocation = invocationOf(call, request, caller);
    const found = await this.#reserve(caller, invocation, stop.signal);
    // A try before this one may have run.
    if (found === "away") return (request.attempt ?? 1) > 1 ? unknownOutcome(call) : notNoted(call);
    if (stop.reason !== undefined) {
      if (found.kind === "ours") await this.#release(caller, invocation);
      return concludeStop(call, stop.reason);
    }
    if (found.kind === "ours") return yield* this.#run(call, invocation, reader, begin);
    yield { kind: "accepted", effect: "write" };
    return found.kind === "ended" ? found.end : unknownOutcome(call);
  }

  /** Resolves when all that was begun has ended and is noted, or after so many milliseconds. */
  async idle(withinMs: number): Promise<void> {
    await Promise.race([Promise.all(this.#pending), delay(withinMs, undefined, { ref: false })]);
  }

  async *#run(
    call: PreparedCall,
    invocation: Invocation,
    reader: Reader,
    begin: BeginRun,
  ): AsyncGenerator<CallEvent, CallEnd> {
    const { run, noted } = this.#begin(invocation, reader, begin);
    const relay = new ProgressRelay<CallProgress>();
    run.listen((progress) => relay.report(progress));
    const end = this.#endOf(run, noted);
    // A cancel reaches the run itself, whose end tells what is known.
    const gone = reader.stop.stopped().then((why) => (why === "left" ? concludeStop(call, why) : end));
    if ((await Promise.race([run.entered, gone])).kind === "entered")
      yield { kind: "accepted", effect: "write" };
    return yield* relay.until(Promise.race([end, gone]));
  }

  /** Begins a run that a cancel stops, and nothing else but its time. */
  #begin(
    invocation: Invocation,
    { caller, request }: Reader,
    begin: BeginRun,
  ): { run: ToolRun; noted: Promise<void> } {
    const stop = new CallStop(new AbortController().signal);
    const { attempt = 1 } = request;
    const stoppable = this.#deps.running.add(caller, request, { stop, attempt, decided: true });
    const run = begin(stop.signal, invocation.id);
    const noted = this.#noteEnd(caller, invocation, run).finally(() => {
      stoppable[Symbol.dispose]();
      stop[Symbol.dispose]();
      this.#pending.delete(noted);
    });
    this.#pending.add(noted);
    return { run, noted };
  }

  async #endOf(run: ToolRun, noted: Promise<void>): Promise<CallEnd> {
    const end = await run.done;
    await Promise.race([noted, delay(NOTED_WITHIN_MS, undefined, { ref: false })]);
    return end;
  }

  /** Never rejects. */
  async #noteEnd(caller: Caller, invocation: Invocation, run: ToolRun): Promise<void> {
    using _alive = this.#live.add(invocation.run);
    const end = await run.done;
    if (!run.began) return this.#release(caller, invocation);
    const until = performance.now() + SETTLE_MS;
    for (let pause = TRY_AGAIN.first; ; pause = Math.min(pause * 2, TRY_AGAIN.longest)) {
      try {
        return await this.#deps.record.settle(caller, invocation, end);
      } catch (fault) {
        const over = performance.now() + pause > until;
        this.#warn(
          fault,
          invocation,
          over ? "the end of a call is lost" : "the end of a call is not noted yet",
        );
        if (over) return;
        await delay(pause);
      }
    }
  }

  /** Asks until the call is this run's or ended, or nobody waits for it any more. */
  async #reserve(caller: Caller, invocation: Invocation, signal: AbortSignal): Promise<Reservation | "away"> {
    const until = performance.now() + RESERVE_MS;
    for (let pause = LOOK_AGAIN.first; ; pause = Math.min(pause * 2, LOOK_AGAIN.longest)) {
      try {
        const reservation = await this.#deps.record.reserve(caller, invocation);
        if (reservation.kind !== "running" || signal.aborted) return reservation;
      } catch (fault) {
        this.#warn(fault, invocation, "a call that changes something cannot be noted");
        if (!mayPass(fault) || signal.aborted || performance.now() > until) return "away";
      }
      await delay(pause, undefined, { signal }).catch(() => {});
    }
  }

  /** What is not released is one of unknown outcome later, and so never run. */
  async #release(caller: Caller, invocation: Invocation): Promise<void> {
    await this.#deps.record
      .release(caller, invocation)
      .catch((fault: unknown) => this.#warn(fault, invocation, "a call that never ran stays noted"));
  }

  #warn(fault: unknown, { of, tool }: Invocation, message: string): void {
    const ids = { call_id: of.callId, turn_id: of.turnId, trace_id: traceIdOf(of.trace) || undefined };
    this.#deps.log.warn({ tool, ...ids, fault: loggedPlace(fault) }, message);
  }
}
