/** Calls of tools: over the bus where there is one, and over gRPC where that comes to nothing. */
import { create, toBinary } from "@bufbuild/protobuf";
import { BusError } from "@forerun/bus/bus";
import { CALLER_HEADER } from "@forerun/bus/call-headers";
import { CommitRequestSchema } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { type CallBus, type CallOf, executeOverBus } from "./bus-calls-wire.ts";
import type { CallScope, ToolStep } from "./collaborators.ts";
import { type DirectCallsDeps, executeDirectly } from "./direct-call-wire.ts";
import { optionsOf } from "./service-call-wire.ts";
import type { ToolCall } from "./turn.ts";

/** Runs a call. One that may have begun on the bus and was lost sight of is made again, as the next try of the same call. */
export async function* executeTool(
  deps: DirectCallsDeps,
  call: ToolCall,
  of: CallOf,
  scope: CallScope,
): AsyncGenerator<ToolStep> {
  const lost = deps.bus ? yield* executeOverBus(deps.bus, call, of, scope) : "not_begun";
  if (lost === undefined) return;
  const attempt = lost === "not_begun" ? of.attempt : of.attempt + 1;
  yield* executeDirectly(deps, call, { ...of, attempt }, scope);
}

/**
 * Says that early calls were decided for. Over the bus it reaches whichever executor ran them. What is not committed is not kept:
 * no more is lost than a later call's time.
 */
export async function commitCalls(
  { tools, bus }: DirectCallsDeps,
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
