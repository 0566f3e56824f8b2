/** Early calls over the bus: published to whoever executes tools, with all that happens to them gathered on one inbox. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Bus, BusHeaders } from "@forerun/bus/bus";
import { ATTEMPT_HEADER, CALLER_HEADER, REMAINING_HEADER, TRACE_HEADER } from "@forerun/bus/call-headers";
import type { CallInbox } from "@forerun/bus/call-inbox";
import type { Subjects } from "@forerun/bus/subjects";
import {
  CancelRequestSchema,
  ExecuteRequestSchema,
  type ExecuteResponse,
  ExecuteResponseSchema,
} from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { ClaimSigner } from "@forerun/rpc/claim";
import type { BusSignals } from "@forerun/telemetry/bus-signals";
import type { CallScope } from "./collaborators.ts";
import { toWireCall } from "./noun-wire.ts";
import type { ToolCall } from "./turn.ts";

export type CallBus = Readonly<{
  bus: Bus;
  subjects: Subjects;
  inbox: CallInbox;
  sign: ClaimSigner;
  signals: BusSignals;
}>;

/**
 * Starts a call and gives what happens to it, the last being its result or failure; nothing at all when nobody takes calls.
 * Leaving the loop, or the scope's signal, cancels it.
 */
export async function* executeOverBus(
  { bus, subjects, inbox, sign, signals }: CallBus,
  call: ToolCall,
  turnId: string,
  scope: CallScope,
): AsyncGenerator<ExecuteResponse> {
  const headers = { [CALLER_HEADER]: await sign(scope.caller) };
  scope.signal.throwIfAborted();
  const { callId } = call;
  const publication = signals.published(scope.trace);
  const request = create(ExecuteRequestSchema, { call: toWireCall(call), turnId, early: true });
  const published = {
    turnId,
    callId,
    to: subjects.toolCall(call.name),
    data: toBinary(ExecuteRequestSchema, request),
    headers: { ...headers, ...circumstances({ ...scope, trace: publication.traceparent }) },
  };
  const cancel = () => {
    const data = toBinary(CancelRequestSchema, create(CancelRequestSchema, { turnId, callId }));
    bus.publish(subjects.cancel, data, { headers });
  };
  scope.signal.addEventListener("abort", cancel, { once: true });
  let running = true;
  try {
    for await (const answer of inbox.call(published, scope.signal)) {
      const response = answer.noResponders ? undefined : fromBinary(ExecuteResponseSchema, answer.data);
      running = response !== undefined && !isLast(response);
      if (response) {
        publication.heard();
        yield response;
      }
      if (!running) return;
    }
    scope.signal.throwIfAborted();
  } finally {
    publication.end();
    scope.signal.removeEventListener("abort", cancel);
    if (running && !scope.signal.aborted) cancel();
  }
}

function circumstances({ deadline, trace }: CallScope): BusHeaders {
  return {
    [ATTEMPT_HEADER]: "1",
    [REMAINING_HEADER]: String(Math.max(1, deadline.getTime() - Date.now())),
    ...(trace !== undefined && { [TRACE_HEADER]: trace }),
  };
}

function isLast({ event }: ExecuteResponse): boolean {
  return event.case === "result" || event.case === "failure";
}
