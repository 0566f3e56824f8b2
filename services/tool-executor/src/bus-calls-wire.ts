/** Calls that come over the bus: each runs as one over gRPC does, and what happens to it goes to the inbox that it names. */
import { setTimeout as delay } from "node:timers/promises";
import { fromBinary } from "@bufbuild/protobuf";
import type { BusMessage } from "@forerun/bus/bus";
import {
  CALL_ID_HEADER,
  CALLER_HEADER,
  EXECUTORS,
  REMAINING_HEADER,
  TRACE_HEADER,
} from "@forerun/bus/call-headers";
import type { OpenedBus } from "@forerun/bus/open-bus";
import { readAs } from "@forerun/bus/read-as";
import {
  CancelRequestSchema,
  CommitRequestSchema,
  DeclineReason,
  ExecuteRequestSchema,
} from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { ClaimVerifier } from "@forerun/rpc/claim";
import { READ_OPTIONS } from "@forerun/rpc/codec";
import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { DEFAULT_LANE, laneOf } from "@forerun/runtime/lane";
import type { Logger } from "@forerun/runtime/logger";
import type { BusSignals } from "@forerun/telemetry/bus-signals";
import { BusAnswers } from "./bus-answers-wire.ts";
import type { Executor } from "./executor.ts";
import { failure } from "./tool-call.ts";
import { fromWireRequest } from "./tool-wire.ts";

/** The bus, and how a caller's claim on it is proved. */
export type CallBus = Pick<OpenedBus, "bus" | "subjects" | "observe"> &
  Readonly<{ verify: ClaimVerifier; signals: BusSignals }>;

type Deps = CallBus &
  Readonly<{
    executor: Executor;
    /** Callers of others are refused, whatever subject they come on. */
    lane?: string | undefined;
    log: Logger;
  }>;

/**
 * The taking of calls. `drain` takes no new ones and resolves when those that were taken have ended, or after so many
 * milliseconds; disposing ends it at once.
 */
export type TakenCalls = Readonly<{ drain(graceMs: number): Promise<void> }> & Disposable;

/** Takes calls, cancels and commits off the bus. Calls under way are the executor's to stop. */
export async function takeBusCalls(deps: Deps): Promise<TakenCalls> {
  const { bus, subjects } = deps;
  const closing = new AbortController();
  const { signal } = closing;
  const calls = await bus.subscribe(subjects.toolCalls, { queue: EXECUTORS, signal });
  // Whoever runs the call hears these.
  const cancels = await bus.subscribe(subjects.cancel, { signal });
  const commits = await bus.subscribe(subjects.commit, { signal });
  const running = new Running(deps.log);
  void each(calls, (message) => running.add(runCall(message, deps)));
  void each(cancels, (message) => running.add(cancelCall(message, deps)));
  void each(commits, (message) => running.add(commitCalls(message, deps)));
  return {
    async drain(graceMs) {
      await calls.drain();
      await running.done(graceMs);
    },
    [Symbol.dispose]: () => closing.abort(),
  };
}

/** What has begun with a message and not ended. */
class Running {
  readonly #log: Logger;
  readonly #work = new Set<Promise<void>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A message that comes to nothing is logged and left. */
  add(work: Promise<void>): void {
    const settled = work
      .catch((fault: unknown) => this.#log.warn({ err: fault }, "a message of the bus came to nothing"))
      .finally(() => this.#work.delete(settled));
    this.#work.add(settled);
  }

  /** Resolves when all of it has ended, or after so many milliseconds. */
  async done(withinMs: number): Promise<void> {
    const late = new AbortController();
    const over = delay(withinMs, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([Promise.all(this.#work), over]);
    late.abort();
  }
}

async function each(
  messages: AsyncIterable<BusMessage>,
  begin: (message: BusMessage) => void,
): Promise<void> {
  for await (const message of messages) begin(message);
}

async function runCall(message: BusMessage, deps: Deps): Promise<void> {
  const { executor, bus, observe } = deps;
  const { reply, headers } = message;
  const request = readAs(message, (data) => fromBinary(ExecuteRequestSchema, data, READ_OPTIONS), observe);
  if (!request || reply === undefined) return;
  using answers = new BusAnswers(bus, reply, headers[CALL_ID_HEADER] ?? "");
  const caller = await callerOf(message, deps);
  const call = fromWireRequest(request);
  if (!caller || !call) {
    const denied = failure(
      "denied",
      "the call does not say who makes it or what is to run, or is for executors of another lane",
    );
    answers.tell({ ...denied, durationMs: 0 });
    return;
  }
  // Its result must not get lost, as it may here.
  if (!call.early && executor.writes(call)) {
    answers.decline(DeclineReason.WRITES);
    return;
  }
  using time = new CallTime(Number(headers[REMAINING_HEADER]));
  const span = deps.signals.received(headers[TRACE_HEADER]);
  try {
    const traced = { ...call, trace: span.traceparent };
    for await (const event of executor.execute(traced, caller, time.signal)) answers.tell(event);
  } finally {
    span.end();
  }
}

async function cancelCall(message: BusMessage, deps: Deps): Promise<void> {
  const request = readAs(message, (data) => fromBinary(CancelRequestSchema, data), deps.observe);
  const caller = request && (await callerOf(message, deps));
  if (caller) deps.executor.cancel(caller, request, request.attempt || undefined);
}

async function commitCalls(message: BusMessage, deps: Deps): Promise<void> {
  const request = readAs(message, (data) => fromBinary(CommitRequestSchema, data), deps.observe);
  const caller = request && (await callerOf(message, deps));
  if (!caller) return;
  const { turnId, callIds } = request;
  await Promise.all(callIds.map((callId) => deps.executor.commit(caller, { turnId, callId })));
}

async function callerOf(
  { headers }: BusMessage,
  { verify, lane = DEFAULT_LANE }: Deps,
): Promise<Caller | undefined> {
  const claim = headers[CALLER_HEADER];
  const caller = claim === undefined ? undefined : await verify(claim);
  return caller && guard("tool-executor.bus.lane", laneOf(caller) === lane) ? caller : undefined;
}

/** What its caller gives a call, besides what its tool may take. */
class CallTime implements Disposable {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  /** Not a number: the tool's own time is all. */
  constructor(remainingMs: number) {
    if (remainingMs >= 0) this.#timer = setTimeout(() => this.#over.abort(), Math.max(1, remainingMs));
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
