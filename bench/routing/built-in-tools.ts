import type { JsonObject, ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { createBuiltInTools } from "@forerun/tool-executor/built-in-tools";

/** The built-in tools as a router sees them. None is called, so nothing behind them is opened. */
export function builtInTools(): ToolDefinition[] {
  const { tools } = createBuiltInTools({
    forecastUrl: "http://127.0.0.1:9",
    geocodingUrl: "http://127.0.0.1:9",
    frankfurterUrl: "http://127.0.0.1:9",
    quoteUrl: "http://127.0.0.1:9",
    search: async () => ({ kind: "ok", snippets: [] }),
    now: () => new Date(),
  });
  return tools.map(({ name, description, effect, input, examples }) => ({
    name,
    description,
    effect,
    input_schema: input as JsonObject,
    examples: examples.map((example) => ({ text: example.text, arguments: example.arguments as JsonObject })),
  }));
}
