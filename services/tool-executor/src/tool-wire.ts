import { fromJson, type MessageInitShape } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { Reused } from "@forerun/cache/cache";
import {
  Effect,
  type ExecuteRequest,
  type ExecuteResponseSchema,
  type ToolSchema,
} from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { Effect as ToolEffect } from "@forerun/toolkit";
import type { RegisteredTool } from "./registered-tool.ts";
import type { CallEvent, CallRequest } from "./tool-call.ts";

const EFFECTS: Readonly<Record<ToolEffect, Effect>> = {
  pure: Effect.PURE,
  read: Effect.READ,
  write: Effect.WRITE,
};

/** The largest number of an int32 field. */
const INT32_MAX = 2_147_483_647;

export function toWireTool({ tool, source, hash }: RegisteredTool): MessageInitShape<typeof ToolSchema> {
  return {
    name: tool.name,
    description: tool.description,
    effect: EFFECTS[tool.effect],
    inputSchema: tool.input,
    outputSchema: tool.output,
    examples: tool.examples.map((example) => ({ text: example.text, arguments: example.arguments })),
    source,
    hash,
    timeoutMs: tool.timeoutMs,
    cacheTtlMs: Math.min(INT32_MAX, tool.cacheTtlMs),
    costMicros: tool.costMicros,
  };
}

/** The call that a request asks for; undefined when it holds none. */
export function fromWireRequest(request: ExecuteRequest): CallRequest | undefined {
  const { call, turnId, early, attempt } = request;
  if (!call) return undefined;
  const { callId, name, toolHash } = call;
  return { callId, name, arguments: call.arguments ?? {}, turnId, early, attempt: attempt || 1, toolHash };
}

export function toWireEvent(event: CallEvent): MessageInitShape<typeof ExecuteResponseSchema> {
  switch (event.kind) {
    case "accepted":
      return { event: { case: "accepted", value: { effect: EFFECTS[event.effect] } } };
    case "progress":
      return { event: { case: "progress", value: { text: event.text, fraction: event.fraction } } };
    case "result": {
      const { rendered, truncated, durationMs } = event;
      const output = fromJson(ValueSchema, event.output);
      const value = { output, rendered, truncated, durationMs, ...reusedOf(event) };
      return { event: { case: "result", value } };
    }
    case "failure": {
      const { code, message, durationMs } = event;
      return { event: { case: "failure", value: { code, message, durationMs, ...reusedOf(event) } } };
    }
    default:
      return event satisfies never;
  }
}

function reusedOf({ reused }: { reused?: Reused }): { reused?: { layer: string; ageMs: number } } {
  return reused ? { reused: { layer: reused.layer, ageMs: Math.min(INT32_MAX, reused.ageMs) } } : {};
}
