/** The tool executor as the router sees it: which tools there are, in tier 0's words. */
import type { Client } from "@connectrpc/connect";
import { Effect, type Tool, type ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { serviceCaller } from "@forerun/runtime/caller";
import type { JsonObject, ToolDefinition } from "./tier0/tool-definition.ts";

export type ToolSet = Readonly<{
  tools: readonly ToolDefinition[];
  /** Hash of each definition, by name: a call says which one it was made for. */
  hashes: ReadonlyMap<string, string>;
  version: string;
}>;

/** The tools in use, and again after each change. Ends when the executor drains, throws when it cannot be reached. */
export async function* watchTools(
  client: Client<typeof ToolService>,
  signal: AbortSignal,
): AsyncGenerator<ToolSet> {
  const options = asCaller(serviceCaller("router"), { signal });
  for await (const { tools, version } of client.watchTools({}, options)) {
    yield {
      tools: tools.map(toDefinition),
      hashes: new Map(tools.map(({ name, hash }) => [name, hash])),
      version,
    };
  }
}

const EFFECTS: Readonly<Partial<Record<Effect, NonNullable<ToolDefinition["effect"]>>>> = {
  [Effect.PURE]: "pure",
  [Effect.READ]: "read",
  [Effect.WRITE]: "write",
};

function toDefinition(tool: Tool): ToolDefinition {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: (tool.inputSchema ?? {}) as JsonObject,
    // A tool of unknown effect is treated as one that changes the world.
    effect: EFFECTS[tool.effect] ?? "write",
    examples: tool.examples.map((example) => ({
      text: example.text,
      arguments: (example.arguments ?? {}) as JsonObject,
    })),
  };
}
