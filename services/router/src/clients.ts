/** The tool executor as the router sees it: which tools there are, in tier 0's words. */
import type { Client } from "@connectrpc/connect";
import { Effect, type Tool, type ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { serviceCaller } from "@forerun/runtime/caller";
import type { JsonObject, ToolDefinition } from "./tier0/tool-definition.ts";

export type ToolFacts = Readonly<{
  /** Hash of the definition: a call says which one it was made for. */
  hash: string;
  /** Cost of a call in millionths of a US dollar. */
  costMicros: number;
  /** It computes or reads, and changes nothing. */
  harmless: boolean;
  inputSchema: JsonObject;
}>;

export type ToolSet = Readonly<{
  tools: readonly ToolDefinition[];
  /** What callers need to know of each tool, by name. */
  facts: ReadonlyMap<string, ToolFacts>;
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
      tools: tools.map(toolDefinition),
      facts: new Map(tools.map((tool) => [tool.name, factsOf(tool)])),
      version,
    };
  }
}

function factsOf({ hash, costMicros, effect, inputSchema }: Tool): ToolFacts {
  const harmless = effect === Effect.PURE || effect === Effect.READ;
  return { hash, costMicros, harmless, inputSchema: (inputSchema ?? {}) as JsonObject };
}

const EFFECTS: Readonly<Partial<Record<Effect, NonNullable<ToolDefinition["effect"]>>>> = {
  [Effect.PURE]: "pure",
  [Effect.READ]: "read",
  [Effect.WRITE]: "write",
};

/** What the operator installed as code; what other servers or clients describe is not theirs. */
const OWN_SOURCE = /^(?:built-in$|file:|package:)/;

/** A tool of the executor in tier 0's words. */
export function toolDefinition(tool: Tool): ToolDefinition {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: (tool.inputSchema ?? {}) as JsonObject,
    ...(tool.outputSchema ? { output_schema: tool.outputSchema as JsonObject } : {}),
    // A tool of unknown effect is treated as one that changes the world.
    effect: EFFECTS[tool.effect] ?? "write",
    trusted: OWN_SOURCE.test(tool.source),
    examples: tool.examples.map((example) => ({
      text: example.text,
      arguments: (example.arguments ?? {}) as JsonObject,
    })),
  };
}
