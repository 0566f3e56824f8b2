/** Which executors run a caller's tools: those of its lane, and never others. */
import type { DescService } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { type Binding, handlerOf } from "@forerun/rpc/binding";
import { callerOf } from "@forerun/rpc/call-context";
import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { laneOf, notThisLane } from "@forerun/runtime/lane";
import type { DirectCallsDeps } from "./direct-call-wire.ts";

/** The ways to a lane's executors. */
export type ToolLane = DirectCallsDeps;

/** The lane of a caller. Throws FR-E1329 where it is none of this deployment's. */
export type LaneFor = (caller: Caller) => ToolLane;

export function laneAmong(lanes: ReadonlyMap<string, ToolLane>): LaneFor {
  return (caller) => {
    const lane = lanes.get(guard("chat.lane", laneOf(caller), "default"));
    if (!lane) throw notThisLane(caller);
    return lane;
  };
}

/** The same handlers, for callers whose lane there is: the others are refused before anything of theirs begins. */
export function requiringLane(binding: Binding, laneFor: LaneFor): Binding {
  const handlers = binding.service.methods.map((method) => {
    const handler = handlerOf(binding, method);
    const inLane = (input: unknown, ctx: HandlerContext) => {
      laneFor(callerOf(ctx));
      return handler(input, ctx);
    };
    return [method.localName, inLane];
  });
  return { ...binding, implementation: Object.fromEntries(handlers) as Partial<ServiceImpl<DescService>> };
}
