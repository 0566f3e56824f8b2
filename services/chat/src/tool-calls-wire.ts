/** Calls of tools: over the bus where there is one, and over gRPC where that comes to nothing. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { BusError } from "@forerun/bus/bus";
import { CALLER_HEADER } from "@forerun/bus/call-headers";
import { CommitRequestSchema, type ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { type CallBus, type CallOf, executeOverBus } from "./bus-calls-wire.ts";
import type { CallScope, ToolStep } from "./collaborators.ts";
import { toWireCall } from "./noun-wire.ts";
import { faultOf, optionsOf } from "./service-call-wire.ts";
import { toolStepOf } from "./tool-step-wire.ts";
import type { ToolCall } from "./turn.ts";

export type ToolCallsDeps = Readonly<{ tools: Client<typeof ToolService>; bus: CallBus | undefined }>;

/** Runs a call. One that may have begun on the bus and was lost sight of is made again, as the next try of the same call. */
export async function* executeTool(
  { tools, bus }: ToolCallsDeps,
  call: ToolCall,
  of: CallOf,
  scope: CallScope,
): AsyncGenerator<ToolStep> {
  const lost = bus ? yield* executeOverBus(bus, call, of, scope) : "not_begun";
  if (lost === undefined) return;
  const attempt = lost === "not_begun" ? of.attempt : of.attempt + 1;
  yield* execute(tools, call, { ...of, attempt }, scope);
}

/**
 * Says that early calls were decided for. Over the bus it reaches whichever executor ran them. What is not committed is not kept:
 * no more is lost than a later call's time.
 */
export async function commitCalls(
  { tools, bus }: ToolCallsDeps,
  turnId: string,
  callIds: readonly string[],
  scope: CallScope,
): Promise<void> {
  if (callIds.length === 0) return;
  const request = { turnId, callIds: [...callIds] };
  if (!bus) await tools.commit(request, optionsOf(scope)).catch(() => {});
  else await commitOverBus(bus, toBinary(CommitRequestSchema, create(CommitRequestSchema, request)), scope);
}

async function commitOverBus(
  { bus, subjects, sign }: CallBus,
  request: Uint8Array,
  { caller }: CallScope,
): Promise<void> {
  try {
    bus.publish(subjects.commit, request, { headers: { [CALLER_HEADER]: await sign(caller) } });
  } catch (fault) {
    if (!(fault instanceof BusError)) throw fault;
  }
}

async function* execute(
  client: Client<typeof ToolService>,
  call: ToolCall,
  of: CallOf,
  scope: CallScope,
): AsyncGenerator<ToolStep> {
  const request = { call: toWireCall(call), ...of };
  try {
    for await (const response of client.execute(request, optionsOf(scope))) {
      const step = toolStepOf(response);
      if (step) yield step;
    }
  } catch (fault) {
    if (scope.signal.aborted) throw fault;
    // An executor that cannot be reached is a failed tool, worded for the model: the turn still answers.
    const { code } = faultOf("tool-executor", fault);
    yield {
      kind: "failure",
      code: "unreachable",
      message: `the tool could not be run (${code}); try again later`,
    };
  }
}
