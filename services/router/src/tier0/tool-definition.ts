/** What tier 0 needs to know of a tool; the shape of `forerun route --tools`. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export type ToolDefinition = Readonly<{
  name: string;
  description: string;
  /** JSON Schema 2020-12 of the arguments. */
  input_schema: JsonObject;
  /** Of what it gives; left out where nobody has said. */
  output_schema?: JsonObject;
  effect?: "pure" | "read" | "write";
  /** Of the operator's own making. A third party's description is read with care, and never decided on without a model. */
  trusted?: boolean;
  examples?: readonly Readonly<{ text: string; arguments: JsonObject }>[];
}>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
