import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { RoutingCase } from "./data.ts";

/** All tools of the cases, each once. */
export function pooledTools(cases: readonly RoutingCase[]): ToolDefinition[] {
  return [...new Map(cases.flatMap((one) => one.tools).map((tool) => [tool.name, tool])).values()];
}
