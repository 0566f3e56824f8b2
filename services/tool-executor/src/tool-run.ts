import type { Work } from "@forerun/cache/single-flight";
import type { Caller } from "@forerun/runtime/caller";
import type { Entry, FairPlaces } from "@forerun/runtime/fair-places";
import type { Logger } from "@forerun/runtime/logger";
import { traceIdOf } from "@forerun/telemetry/tracing";
import { CallStop, type StopReason } from "./call-stop.ts";
import { concludeError, concludeResult, concludeStop, unknownOutcome } from "./conclude-call.ts";
import type { PreparedCall } from "./prepare-call.ts";
import { capText } from "./result-cap.ts";
import { type CallEnd, type CallProgress, type CallRequest, failure } from "./tool-call.ts";

const MAX_PROGRESS_BYTES = 512;

type RunDeps = Readonly<{ caller: Caller; idempotencyKey?: string; places: FairPlaces; log: Logger }>;

/** One run of a tool, for all calls that take part in it. Its signal stops it; so does its time. */
export class ToolRun implements Work {
  readonly #call: PreparedCall;
  readonly #request: CallRequest;
  readonly #deps: RunDeps;
  readonly #stop: CallStop;
  readonly #deadline: Date;
  readonly #listeners: ((progress: CallProgress) => void)[] = [];
  #latest: CallProgress | undefined;
  #personal = false;
  #began = false;
  /** Whether there was a place for it. */
  readonly entered: Promise<Entry>;
  /** How it ended. Never rejects. */
  readonly done: Promise<CallEnd>;

  /** `request` is the call that began it: others may join later. */
  constructor(call: PreparedCall, request: CallRequest, deps: RunDeps, signal: AbortSignal) {
    this.#call = call;
    this.#request = request;
    this.#deps = deps;
    const { timeoutMs } = call.registered.tool;
    this.#deadline = new Date(Date.now() + timeoutMs);
    this.#stop = new CallStop(signal, timeoutMs);
    this.entered = deps.places.enter(deps.caller.tenant, this.#stop.signal);
    this.done = this.#run();
  }

  /** The tool looked at who asks, beyond the tenant: what it brings is for that caller alone. */
  get personal(): boolean {
    return this.#personal;
  }

  /** The tool was started: what it changes may have been changed. */
  get began(): boolean {
    return this.#began;
  }

  /** `hear` is told how far it has come, and again whenever that changes. */
  listen(hear: (progress: CallProgress) => void): void {
    this.#listeners.push(hear);
    if (this.#latest) hear(this.#latest);
  }

  async #run(): Promise<CallEnd> {
    const { name } = this.#call.registered.tool;
    const stop = this.#stop;
    try {
      const entry = await this.entered;
      if (entry.kind === "full")
        return failure("busy", `${name} is busy with other calls; try again in a moment.`);
      if (entry.kind === "stopped") return concludeStop(this.#call, stop.reason ?? "cancelled");
      const work = this.#work().finally(entry.leave);
      return await Promise.race([work, stop.stopped().then((why) => this.#stopped(why))]);
    } finally {
      // Ends what a tool may have left hanging on its signal.
      stop.stop("left");
      stop[Symbol.dispose]();
    }
  }

  /** Never rejects. A tool that ignores its signal keeps its place until it is really done. */
  async #work(): Promise<CallEnd> {
    const call = this.#call;
    const stop = this.#stop;
    const { callId, turnId, trace } = this.#request;
    const { tool } = call.registered;
    const ids = { call_id: callId, turn_id: turnId, trace_id: traceIdOf(trace) || undefined };
    const log = this.#deps.log.child({ tool: tool.name, ...ids });
    this.#began = true;
    try {
      const returned = await tool.run(call.input, {
        signal: stop.signal,
        deadline: this.#deadline,
        caller: watched(this.#deps.caller, () => {
          this.#personal = true;
        }),
        trace,
        idempotencyKey: this.#deps.idempotencyKey,
        log,
        progress: (text, fraction) => this.#report(progressOf(text, fraction)),
      });
      return stop.reason ? this.#stopped(stop.reason) : concludeResult(call, returned, log);
    } catch (error) {
      return stop.reason ? this.#stopped(stop.reason) : concludeError(call, error, callId, log);
    }
  }

  /** A tool that changes something and was stopped while it did may have changed it. */
  #stopped(reason: StopReason): CallEnd {
    const writes = this.#call.registered.tool.effect === "write";
    return writes && this.#began ? unknownOutcome(this.#call) : concludeStop(this.#call, reason);
  }

  #report(progress: CallProgress): void {
    this.#latest = progress;
    for (const hear of this.#listeners) hear(progress);
  }
}

/** The same caller, with a word when it is asked for more than its tenant. */
function watched({ tenant, subject, roles }: Caller, looked: () => void): Caller {
  return {
    tenant,
    get subject() {
      looked();
      return subject;
    },
    get roles() {
      looked();
      return roles;
    },
  };
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
