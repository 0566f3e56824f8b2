import { checkTool } from "./check-tool.ts";
import type { JsonObject } from "./json.ts";
import type { Schema, Typed } from "./schema.ts";
import type { Effect, Tool, ToolContext, ToolExample } from "./tool.ts";

// The package's entry: all that a tool file imports.
export type { JsonObject, JsonValue } from "./json.ts";
export type { Effect, Tool, ToolContext, ToolExample } from "./tool.ts";
export { ToolFailure } from "./tool-failure.ts";

/** What an author writes. `effect`, `timeoutMs` and `cacheTtlMs` have no defaults: nobody starts a tool early by accident. */
export type ToolDefinition<I extends Schema, O extends Schema> = {
  /** 1 to 64 of a-z, 0-9, _ and -. */
  name: string;
  /** What it does and when to use it, for a model; one or two sentences. */
  description: string;
  effect: Effect;
  /** Arguments: an object schema. */
  input: I;
  /** What `run` returns; anything else fails as invalid_output. */
  output: O;
  examples: readonly ToolExample[];
  /** Milliseconds one call may take, waiting for a free place included. */
  timeoutMs: number;
  /** Milliseconds a result may be used again for equal arguments; 0 means never. */
  cacheTtlMs: number;
  /** Cost of one call in millionths of a US dollar; 0 when left out. */
  costMicros?: number;
  run(args: Typed<I>, context: ToolContext): Promise<Typed<O>>;
  /** The output in plain words, for answers without a model. */
  render?(output: Typed<O>, args: JsonObject): string;
};

/** Checks a definition and makes it a tool. Throws ForerunError FR-E1401 naming every fault. */
export function defineTool<I extends Schema, O extends Schema>(definition: ToolDefinition<I, O>): Tool {
  return checkTool(definition);
}
