import type { Caller } from "@forerun/runtime/caller";
import type { FairPlaces, Place } from "@forerun/runtime/fair-places";
import { guard } from "@forerun/runtime/guard";
import { SPANS } from "@forerun/telemetry/names";
import { type Span, traceIdOf } from "@forerun/telemetry/tracing";
import { driveTurn } from "./drive-turn.ts";
import type { StopReason } from "./ending.ts";
import { acceptedTurn } from "./fold-turn.ts";
import type {
  BeginOutcome,
  ConcurrencyPolicy,
  HistoryMessage,
  TakenTurn,
  TurnDriver,
  TurnLease,
  TurnLog,
} from "./ports.ts";
import type { Quotas } from "./quota/open-quotas.ts";
import type { Refusal, TurnQuota } from "./quota/turn-quota.ts";
import { Fenced, Scribe } from "./scribe.ts";
import { NO_USAGE, type Outcome, type Turn } from "./turn.ts";
import { noProgress, type TurnProgress } from "./turn-progress.ts";
import { type TurnTerms, termsOf } from "./turn-terms.ts";
import type { DriveDeps, TurnJob } from "./turn-work.ts";

export type TurnRequest = TurnTerms & {
  conversationId: string | undefined;
  text: string;
  past: readonly HistoryMessage[];
  idempotencyKey: string | undefined;
  requestHash: string;
  policy: ConcurrencyPolicy;
};

type Queued = Extract<BeginOutcome, { kind: "queued" }>;

export type StartOutcome =
  /** `ends`: a turn that this one supersedes, wherever it runs. */
  | { kind: "started"; turnId: string; ends?: Queued["ends"] }
  | Exclude<BeginOutcome, { kind: "begun" | "queued" }>
  /** What the caller, its tenant or a model may use is used up. */
  | { kind: "quota_spent"; refusal: Refusal }
  /** As many turns as this process takes on are running, and a place for this one was not to be had in a moment. */
  | { kind: "full" }
  | { kind: "draining" };

/** Milliseconds since the turn was accepted; undefined for what never came. */
export type TurnTimes = { ms: number; decidedMs?: number; firstTextMs?: number };

export type TurnObserver = {
  started(): void;
  /** `turn` is undefined when another owner took it over, or its ending could not be stored. */
  ended(turn: Turn | undefined, times: TurnTimes, caller: Caller): void;
};

export type TurnsDeps = Omit<DriveDeps, "mark"> & {
  turnLog: TurnLog;
  observer: TurnObserver;
  /** One for each turn that runs: a bound of memory, for most turns only wait for a model. */
  places: FairPlaces;
  quotas?: Pick<Quotas, "open"> | undefined;
  /** One for each turn while it is accepted: what the machine and the store can take on, they take on at their own pace. */
  beginnings: FairPlaces;
  /** Milliseconds that cancelled turns have to write their ends when the process stops. */
  stopMs?: number;
};

const STOP_MS = 5_000;

/** What a turn runs on. */
type Seat = Readonly<{ place: Place; quota: TurnQuota | undefined }>;

type Running = { lease: TurnLease; stop: AbortController; done: Promise<void>; scribe: Scribe };

/** What stopping a turn did: calls cut off, and write calls that had already taken effect. */
export type Stopped = { stoppedCallIds: string[]; effectedCallIds: string[] };

/** The turns that this process drives. A turn outlives the request that began it. */
export class Turns implements TurnDriver, AsyncDisposable {
  readonly #deps: TurnsDeps;
  readonly #running = new Map<string, Running>();
  readonly #accepting = new Set<Promise<StartOutcome>>();
  #draining = false;
  /** The grace is over: whatever still begins is cancelled at once. */
  #stopping = false;

  constructor(deps: TurnsDeps) {
    this.#deps = deps;
    deps.turnLog.drivenBy(this);
  }

  get accepting(): boolean {
    return !this.#draining;
  }

  /** Accepts a turn and starts its work; no work starts before the turn is stored. `signal` is that of whoever asks for it. */
  async start(caller: Caller, request: TurnRequest, signal: AbortSignal): Promise<StartOutcome> {
    if (this.#draining) return { kind: "draining" };
    const accepting = this.#enter(caller, request, signal);
    this.#accepting.add(accepting);
    try {
      return await accepting;
    } finally {
      this.#accepting.delete(accepting);
    }
  }

  /** Whether a turn of the tenant would be refused, known before its request is read. */
  isFull(tenant: string): boolean {
    return this.#deps.beginnings.isFull(tenant) || this.#deps.places.isFull(tenant);
  }

  get room(): number {
    return this.#draining ? 0 : this.#deps.places.room;
  }

  /** How many run in this process. */
  get running(): number {
    return this.#running.size;
  }

  /** Whether the turn runs in this process. */
  drives(turnId: string): boolean {
    return this.#running.has(turnId);
  }

  resume({ terms, progress, stop, ...taken }: TakenTurn): void {
    const span = this.#deps.tracer.start(SPANS.turn, terms.trace);
    const seat = {
      place: this.#deps.places.take(taken.lease.tenant),
      quota: this.#deps.quotas?.open(taken.caller),
    };
    this.#drive({ ...terms, ...taken, span }, progress, seat);
    if (stop) this.cancel(taken.lease.turnId, stop);
  }

  lose({ turnId, epoch }: TurnLease): void {
    const running = this.#running.get(turnId);
    if (running?.lease.epoch === epoch) running.stop.abort(new Fenced());
  }

  cancel(turnId: string, reason: StopReason): void {
    this.#running.get(turnId)?.stop.abort(reason);
  }

  /** Ends a tenant's running turn for the reason given and resolves when it has ended; undefined when it does not run here. */
  async stop(tenant: string, turnId: string, reason: StopReason): Promise<Stopped | undefined> {
    const running = this.#running.get(turnId);
    if (!running || !guard("chat.stop.tenant", running.lease.tenant === tenant)) return undefined;
    const open = callIds(running.scribe.turn, "open");
    running.stop.abort(reason);
    await running.done;
    // Another process has it now.
    if (running.stop.signal.reason instanceof Fenced) return undefined;
    return stopReport(running.scribe.turn, open);
  }

  /**
   * Takes no new turns and waits for the running ones; those still running after the grace are cancelled. One whose end cannot
   * be stored even then is left to the next start's sweep.
   */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    if (await this.#doneWithin(graceMs)) return;
    this.#stopping = true;
    for (const { stop } of this.#running.values()) stop.abort("shutdown" satisfies StopReason);
    if (await this.#doneWithin(this.#deps.stopMs ?? STOP_MS)) return;
    this.#deps.log.error({ turns: this.#running.size }, "turns were left without an end");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain(0);
  }

  async #enter(caller: Caller, request: TurnRequest, signal: AbortSignal): Promise<StartOutcome> {
    const entry = await this.#deps.beginnings.enter(caller.tenant, signal);
    switch (entry.kind) {
      case "entered":
        return this.#takePlace(caller, request, signal).finally(entry.leave);
      case "full":
        return entry;
      case "stopped":
        throw signal.reason;
      default:
        return entry satisfies never;
    }
  }

  async #takePlace(caller: Caller, request: TurnRequest, signal: AbortSignal): Promise<StartOutcome> {
    const place = await this.#deps.places.enter(caller.tenant, signal);
    if (place.kind === "entered") return this.#underQuota(caller, request, place);
    if (place.kind === "full") return place;
    throw signal.reason;
  }

  /** A turn for which nothing is left is refused before it is stored, unless the same request began it before. */
  async #underQuota(caller: Caller, request: TurnRequest, place: Place): Promise<StartOutcome> {
    const quota = this.#deps.quotas?.open(caller);
    if (!quota) return this.#accept(caller, request, { place, quota });
    try {
      const refusal = await quota.admit(request.text);
      if (!refusal) return await this.#accept(caller, request, { place, quota });
      place.leave();
      const { idempotencyKey: key } = request;
      const found = key ? await this.#deps.turnLog.find(caller, key, request.requestHash) : undefined;
      if (found?.kind === "found") return { kind: "replayed", turnId: found.turnId };
      return { kind: "quota_spent", refusal };
    } catch (fault) {
      place.leave();
      throw fault;
    }
  }

  /** Place and quota are the turn's once it runs. */
  async #accept(caller: Caller, request: TurnRequest, seat: Seat): Promise<StartOutcome> {
    const span = this.#deps.tracer.start(SPANS.turn, request.trace);
    const begun = await this.#begin(caller, request, span).catch((fault: unknown) => {
      leave(seat);
      throw fault;
    });
    if (begun.kind !== "begun") leave(seat);
    if (begun.kind === "queued") return this.#leaveWaiting(begun, span);
    if (begun.kind !== "begun") return begun;
    const { lease, history } = begun;
    const accepted = acceptedTurn({ ...lease, traceId: traceIdOf(span.traceparent) });
    this.#drive(
      { ...termsOf(request), text: request.text, caller, lease, history, span },
      noProgress(accepted),
      seat,
    );
    return { kind: "started", turnId: lease.turnId };
  }

  /** The turn waits: whoever ends the one before starts it. */
  #leaveWaiting({ turnId, ends }: Queued, span: Span): StartOutcome {
    span.end();
    return { kind: "started", turnId, ends };
  }

  async #begin(caller: Caller, request: TurnRequest, turnSpan: Span): Promise<BeginOutcome> {
    const span = this.#deps.tracer.start(SPANS.begin, turnSpan.traceparent);
    let outcome: "ok" | "error" = "error";
    try {
      const begun = await this.#deps.turnLog.begin(caller, {
        conversationId: request.conversationId,
        text: request.text,
        past: request.past,
        idempotencyKey: request.idempotencyKey,
        requestHash: request.requestHash,
        policy: request.policy,
        terms: { ...termsOf(request), trace: turnSpan.traceparent },
        deadline: new Date(this.#deps.now().getTime() + request.deadlineMs),
        traceId: traceIdOf(turnSpan.traceparent),
      });
      if (begun.kind === "begun" || begun.kind === "queued") outcome = "ok";
      return begun;
    } finally {
      span.end(outcome);
      if (outcome === "error") turnSpan.end("error");
    }
  }

  #drive(job: TurnJob, progress: TurnProgress, { place, quota }: Seat): void {
    const { lease, caller } = job;
    const { turnLog, observer } = this.#deps;
    const log = this.#deps.log.child({ turn_id: lease.turnId, trace_id: progress.turn.traceId || undefined });
    const stop = new AbortController();
    const since = performance.now();
    const marks: Omit<TurnTimes, "ms"> = {};
    const elapsed = () => Math.round(performance.now() - since);
    const ended = (turn: Turn | undefined) => observer.ended(turn, { ms: elapsed(), ...marks }, caller);
    const scribe = new Scribe(lease, turnLog, progress.turn);
    const mark = (what: keyof typeof marks) => {
      marks[what] ??= elapsed();
    };
    observer.started();
    const done = driveTurn({ job, progress, scribe, quota }, { ...this.#deps, log, mark }, stop.signal)
      .then(ended, (fault: unknown) => {
        log.error({ err: fault }, "a turn could not be ended");
        turnLog.abandon(lease);
        ended(undefined);
      })
      // Where another owner has it, what was spent counts there.
      .then(() => quota?.settle(stop.signal.reason instanceof Fenced ? NO_USAGE : scribe.turn.usage))
      .finally(() => {
        place.leave();
        if (this.#running.get(lease.turnId) === running) this.#running.delete(lease.turnId);
      });
    const running: Running = { lease, stop, done, scribe };
    this.#running.set(lease.turnId, running);
    if (this.#stopping) stop.abort("shutdown" satisfies StopReason);
  }

  /** False when something still runs after `ms`. */
  async #doneWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, ms, false);
    });
    try {
      return await Promise.race([this.#allDone(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What is being accepted may run afterwards. */
  async #allDone(): Promise<true> {
    while (this.#accepting.size + this.#running.size > 0) {
      const running = [...this.#running.values()].map(({ done }) => done);
      await Promise.allSettled([...this.#accepting, ...running]);
    }
    return true;
  }
}

/** Of those that were open: an early call may have been cancelled before, by the decision. */
export function stopReport(ended: Turn, open: readonly string[]): Stopped {
  const stoppedCallIds = callIds(ended, "cancelled").filter((id) => open.includes(id));
  const effectedCallIds = ended.toolCalls.filter(({ effected }) => effected).map(({ call }) => call.callId);
  return { stoppedCallIds, effectedCallIds };
}

function leave({ place, quota }: Seat): void {
  place.leave();
  void quota?.settle(NO_USAGE);
}

export function callIds({ toolCalls }: Turn, wanted: Outcome): string[] {
  return toolCalls.filter(({ outcome }) => outcome === wanted).map(({ call }) => call.callId);
}
