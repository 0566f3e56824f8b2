import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { admit, callPlaces } from "@forerun/rpc/admit";
import { callerOf, drainSignalOf, traceOf } from "@forerun/rpc/call-context";
import type { Caller } from "@forerun/runtime/caller";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { guard } from "@forerun/runtime/guard";
import { DEFAULT_LANE, laneOf, notThisLane } from "@forerun/runtime/lane";
import { LinkedAbort } from "@forerun/runtime/linked-abort";
import type { Executor } from "./executor.ts";
import type { ToolRegistry } from "./tool-registry.ts";
import { fromWireRequest, toWireEvent, toWireTool } from "./tool-wire.ts";

/** The handlers of ToolService: convert, ask the domain, convert back. Calls of callers of other lanes are refused. */
export function toolService(
  registry: ToolRegistry,
  executor: Executor,
  lane: string = DEFAULT_LANE,
): ServiceImpl<typeof ToolService> {
  const places = callPlaces();
  const ownCaller = (ctx: HandlerContext): Caller => {
    const caller = callerOf(ctx);
    if (!guard("tool-executor.lane", laneOf(caller) === lane)) throw notThisLane(caller);
    return caller;
  };
  return {
    listTools() {
      const { tools, version, broken } = registry.snapshot;
      return { tools: tools.map(toWireTool), version, broken: broken.map((source) => ({ ...source })) };
    },

    async *watchTools(_request, ctx) {
      const draining = drainSignalOf(ctx);
      using watching = new LinkedAbort(ctx.signal, ...(draining ? [draining] : []));
      for await (const { tools, version } of registry.watch(watching.signal)) {
        yield { tools: tools.map(toWireTool), version };
      }
    },

    getTool({ name }) {
      const lookup = registry.find(name, "");
      if (lookup.kind !== "found")
        throw noSuchTool(name, lookup.kind === "unknown" ? lookup.nearest : undefined);
      return { tool: toWireTool(lookup.tool) };
    },

    async *execute(request, ctx) {
      const caller = ownCaller(ctx);
      using _place = await admit(places, ctx);
      const call = fromWireRequest(request);
      if (!call)
        throw new ForerunError("FR-E1301", "invalid_argument", "call is missing", "send the call to run");
      for await (const event of executor.execute({ ...call, trace: traceOf(ctx) }, caller, ctx.signal)) {
        yield toWireEvent(event);
      }
    },

    cancel({ turnId, callId, attempt }, ctx) {
      return { stopped: executor.cancel(ownCaller(ctx), { turnId, callId }, attempt || undefined) };
    },

    async commit({ turnId, callIds }, ctx) {
      const caller = ownCaller(ctx);
      const known = await Promise.all(callIds.map((callId) => executor.commit(caller, { turnId, callId })));
      return { committed: known.filter(Boolean).length };
    },
  };
}

function noSuchTool(name: string, nearest: string | undefined): ForerunError {
  const hint = nearest ? `did you mean "${nearest}"? ` : "";
  return new ForerunError(
    "FR-E1406",
    "not_found",
    `there is no tool "${name}"`,
    `${hint}forerun tool list shows all`,
  );
}
