import type { CompletionHead } from "./completion.ts";
import type { Reply } from "./script.ts";

export type ToolCall = { id: string; type: "function"; function: { name: string; arguments: string } };

export type ToolCallDelta = {
  index: number;
  id?: string;
  type?: "function";
  function: { name?: string; arguments: string };
};

type ScriptedCall = Extract<Reply, { calls: unknown }>["calls"][number];

export function toolCallsOf(calls: readonly ScriptedCall[], head: CompletionHead): ToolCall[] {
  return calls.map(({ id, name, arguments: args }, at) => ({
    id: id ?? `call_${head.id}_${at}`,
    type: "function",
    function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
  }));
}

/** As OpenAI streams calls: a head with id and name, then the arguments in pieces. */
export function callDeltas(calls: readonly ToolCall[]): ToolCallDelta[] {
  return calls.flatMap(({ id, type, function: { name, arguments: args } }, index) => [
    { index, id, type, function: { name, arguments: "" } },
    ...(args.match(/.{1,8}/gsu) ?? []).map((piece) => ({ index, function: { arguments: piece } })),
  ]);
}
