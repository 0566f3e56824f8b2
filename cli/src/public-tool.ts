import type { JsonObject } from "@bufbuild/protobuf";
import { Effect, type Tool } from "@forerun/contracts/forerun/tool/v1/tool_pb";

/** A tool as the command line prints it. */
export type PublicTool = {
  name: string;
  description: string;
  effect: "pure" | "read" | "write" | "unknown";
  input_schema: JsonObject;
  output_schema: JsonObject;
  source: string;
  hash: string;
};

export function publicTool(tool: Tool): PublicTool {
  return {
    name: tool.name,
    description: tool.description,
    effect: EFFECTS[tool.effect] ?? "unknown",
    input_schema: tool.inputSchema ?? {},
    output_schema: tool.outputSchema ?? {},
    source: tool.source,
    hash: tool.hash,
  };
}

const EFFECTS: Readonly<Partial<Record<Effect, PublicTool["effect"]>>> = {
  [Effect.PURE]: "pure",
  [Effect.READ]: "read",
  [Effect.WRITE]: "write",
};
