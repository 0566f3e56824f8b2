/** Calls that come over the bus: each runs as one over gRPC does, and what happens to it goes to the inbox that it names. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Bus, BusMessage } from "@forerun/bus/bus";
import {
  CALL_ID_HEADER,
  CALLER_HEADER,
  EXECUTORS,
  REMAINING_HEADER,
  TRACE_HEADER,
} from "@forerun/bus/call-headers";
import type { Subjects } from "@forerun/bus/subjects";
import {
  CancelRequestSchema,
  ExecuteRequestSchema,
  ExecuteResponseSchema,
} from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { ClaimVerifier } from "@forerun/rpc/claim";
import type { Caller } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import type { BusSignals } from "@forerun/telemetry/bus-signals";
import type { Executor } from "./executor.ts";
import { type CallEvent, failure } from "./tool-call.ts";
import { fromWireRequest, toWireEvent } from "./tool-wire.ts";

/** The bus, and how a caller's claim on it is proved. */
export type CallBus = Readonly<{ bus: Bus; subjects: Subjects; verify: ClaimVerifier; signals: BusSignals }>;

type Deps = CallBus & Readonly<{ executor: Executor; log: Logger }>;

/** Takes calls and cancels until it is disposed of; calls under way are the executor's to stop. */
export async function takeBusCalls(deps: Deps): Promise<Disposable> {
  const { bus, subjects } = deps;
  const closing = new AbortController();
  const { signal } = closing;
  const calls = await bus.subscribe(subjects.toolCalls, { queue: EXECUTORS, signal });
  // Whoever runs the call hears it.
  const cancels = await bus.subscribe(subjects.cancel, { signal });
  void each(calls, deps.log, (message) => runCall(message, deps));
  void each(cancels, deps.log, (message) => cancelCall(message, deps));
  return { [Symbol.dispose]: () => closing.abort() };
}

/** Begins with each message at once; one that cannot be read is logged and left. */
async function each(
  messages: AsyncIterable<BusMessage>,
  log: Logger,
  handle: (message: BusMessage) => Promise<void>,
): Promise<void> {
  for await (const message of messages) {
    handle(message).catch((fault: unknown) =>
      log.warn({ err: fault }, "a message of the bus came to nothing"),
    );
  }
}

async function runCall(message: BusMessage, deps: Deps): Promise<void> {
  const { bus, executor } = deps;
  const { reply, headers } = message;
  if (reply === undefined) return;
  const answer = (event: CallEvent) => {
    const data = toBinary(ExecuteResponseSchema, create(ExecuteResponseSchema, toWireEvent(event)));
    bus.publish(reply, data, { headers: { [CALL_ID_HEADER]: headers[CALL_ID_HEADER] ?? "" } });
  };
  const caller = await callerOf(message, deps);
  const call = fromWireRequest(fromBinary(ExecuteRequestSchema, message.data));
  if (!caller || !call) {
    answer({ ...failure("denied", "the call does not say who makes it, or what is to run"), durationMs: 0 });
    return;
  }
  using time = new CallTime(Number(headers[REMAINING_HEADER]));
  const span = deps.signals.received(headers[TRACE_HEADER]);
  try {
    const traced = { ...call, trace: span.traceparent };
    for await (const event of executor.execute(traced, caller, time.signal)) answer(event);
  } finally {
    span.end();
  }
}

async function cancelCall(message: BusMessage, deps: Deps): Promise<void> {
  const caller = await callerOf(message, deps);
  const { turnId, callId } = fromBinary(CancelRequestSchema, message.data);
  if (caller) deps.executor.cancel(caller, { turnId, callId });
}

function callerOf(
  { headers }: BusMessage,
  { verify }: Deps,
): Caller | undefined | Promise<Caller | undefined> {
  const claim = headers[CALLER_HEADER];
  return claim === undefined ? undefined : verify(claim);
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
