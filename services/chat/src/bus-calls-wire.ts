/** Calls over the bus: published to whoever executes tools, with all that happens to them gathered on one inbox. */
import { setMaxListeners } from "node:events";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BusError, type BusHeaders } from "@forerun/bus/bus";
import {
  ATTEMPT_HEADER,
  CALL_ID_HEADER,
  CALLER_HEADER,
  REMAINING_HEADER,
  TRACE_HEADER,
} from "@forerun/bus/call-headers";
import type { CallInbox } from "@forerun/bus/call-inbox";
import type { OpenedBus } from "@forerun/bus/open-bus";
import { readAs } from "@forerun/bus/read-as";
import {
  CancelRequestSchema,
  ExecuteRequestSchema,
  type ExecuteResponse,
  ExecuteResponseSchema,
} from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { ClaimSigner } from "@forerun/rpc/claim";
import { READ_OPTIONS } from "@forerun/rpc/codec";
import type { BusSignals } from "@forerun/telemetry/bus-signals";
import type { CallScope, ToolStep } from "./collaborators.ts";
import { toWireCall } from "./noun-wire.ts";
import { toolStepOf } from "./tool-step-wire.ts";
import type { ToolCall } from "./turn.ts";

export type CallBus = Pick<OpenedBus, "bus" | "subjects" | "observe"> &
  Readonly<{ inbox: CallInbox; sign: ClaimSigner; signals: BusSignals }>;

/** Of which turn a call is, whether it runs ahead of its decision, and the how-manieth try it is. */
export type CallOf = Readonly<{ turnId: string; early: boolean; attempt: number }>;

/** A call that the bus did not bring to its end: nothing of it has run, or nobody knows. */
export type Unfinished = "not_begun" | "lost";

/**
 * Starts a call and gives what happens to it, the last being its result or failure; or tells that it came to nothing. Leaving
 * the loop, or the scope's signal, cancels it.
 */
export async function* executeOverBus(
  calls: CallBus,
  call: ToolCall,
  of: CallOf,
  scope: CallScope,
): AsyncGenerator<ToolStep, Unfinished | undefined> {
  const claim = await calls.sign(scope.caller);
  scope.signal.throwIfAborted();
  const publication = calls.signals.published(scope.trace);
  const published = {
    turnId: of.turnId,
    callId: call.callId,
    to: calls.subjects.toolCall(call.name),
    data: toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, { call: toWireCall(call), ...of })),
    headers: headersOf(claim, of, { ...scope, trace: publication.traceparent }),
  };
  const cancel = () => cancelOverBus(calls, call.callId, of, claim);
  // A turn's calls share its signal, and each listens to it; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, scope.signal);
  scope.signal.addEventListener("abort", cancel, { once: true });
  let running = true;
  const unfinished = (reason: string, how: Unfinished) => {
    running = how === "lost";
    calls.signals.fellBack(reason);
    return how;
  };
  try {
    for await (const answer of calls.inbox.call(published, scope.signal)) {
      if (answer.kind === "no_responders") return unfinished(answer.kind, "not_begun");
      if (answer.kind !== "message") return unfinished(answer.kind, "lost");
      const response = readAs(answer.message, responseOf, calls.observe);
      if (!response) continue;
      publication.heard();
      if (response.event.case === "declined") return unfinished("declined", "not_begun");
      running = !isLast(response);
      const step = toolStepOf(response);
      if (step) yield step;
      if (!running) return undefined;
    }
    scope.signal.throwIfAborted();
    return unfinished("closed", "lost");
  } catch (fault) {
    if (fault instanceof BusError) return unfinished(fault.reason, "not_begun");
    throw fault;
  } finally {
    publication.end();
    scope.signal.removeEventListener("abort", cancel);
    if (running && !scope.signal.aborted) cancel();
  }
}

/** Stops this try of the call and those before it, as a later one may be on its way already; all of them where it is 0. */
export function cancelOverBus(
  { bus, subjects }: CallBus,
  callId: string,
  { turnId, attempt }: Pick<CallOf, "turnId" | "attempt">,
  claim: string,
): void {
  const request = create(CancelRequestSchema, { turnId, callId, attempt });
  try {
    bus.publish(subjects.cancel, toBinary(CancelRequestSchema, request), {
      headers: { [CALLER_HEADER]: claim, [CALL_ID_HEADER]: callId, [ATTEMPT_HEADER]: String(attempt) },
    });
  } catch (fault) {
    // The bus is closed: the call ends by its own time.
    if (!(fault instanceof BusError)) throw fault;
  }
}

function headersOf(claim: string, { attempt }: CallOf, { deadline, trace }: CallScope): BusHeaders {
  return {
    [CALLER_HEADER]: claim,
    [ATTEMPT_HEADER]: String(attempt),
    [REMAINING_HEADER]: String(Math.max(1, deadline.getTime() - Date.now())),
    ...(trace !== undefined && { [TRACE_HEADER]: trace }),
  };
}

function responseOf(data: Uint8Array): ExecuteResponse {
  return fromBinary(ExecuteResponseSchema, data, READ_OPTIONS);
}

function isLast({ event }: ExecuteResponse): boolean {
  return event.case === "result" || event.case === "failure";
}
