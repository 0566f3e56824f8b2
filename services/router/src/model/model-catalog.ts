import { ArgumentValidator } from "../tier0/decision/validator.ts";
import { isJsonObject, type Json, type JsonObject, type ToolDefinition } from "../tier0/tool-definition.ts";
import { withReferences } from "./reference-schema.ts";
import { shapeOf, signatureOf } from "./signature.ts";

const MAX_EXAMPLES = 2;
const HARMLESS: ReadonlySet<ToolDefinition["effect"]> = new Set(["pure", "read"]);
/** Of what a tool gives, for calls that use parts of it. */
const MAX_RESULT_CHARACTERS = 400;

/** Tools as the model sees them and as its calls are checked. Made anew for each version of the registry. */
export type ModelCatalog = Readonly<{
  has(name: string): boolean;
  /** The tool may change the world. */
  changes(name: string): boolean;
  /** The tool's lines in a prompt. */
  describe(name: string): string;
  /** A schema that only calls of this tool fit; any value may be a reference. */
  callSchema(name: string): JsonObject;
  /** What is wrong with the arguments, in words; undefined when they fit. */
  problemOf(name: string, args: JsonObject): string | undefined;
}>;

/** Descriptions are made at once; a schema is compiled by the validator when its tool is first called. */
export function createModelCatalog(
  tools: readonly ToolDefinition[],
  validator = new ArgumentValidator(),
): ModelCatalog {
  const known = new Map(tools.map((tool) => [tool.name, tool]));
  const lines = new Map(tools.map((tool) => [tool.name, describeTool(tool)]));
  return {
    has: (name) => known.has(name),
    changes: (name) => !HARMLESS.has(known.get(name)?.effect),
    describe: (name) => lines.get(name) ?? "",
    callSchema: (name) => callSchema(name, known.get(name)?.input_schema ?? {}),
    problemOf(name, args) {
      const tool = known.get(name);
      return tool === undefined ? "there is no such tool" : validator.problemOf(tool, args);
    },
  };
}

function describeTool({
  name,
  description,
  input_schema,
  output_schema,
  examples = [],
}: ToolDefinition): string {
  const shown = examples
    .slice(0, MAX_EXAMPLES)
    .map((example) => `  e.g. ${JSON.stringify(example.text)} → ${JSON.stringify(example.arguments)}`);
  const lines = [`- ${name}: ${oneLine(description)}`, `  args: ${signatureOf(input_schema)}`];
  if (output_schema) lines.push(`  gives: ${cut(shapeOf(output_schema), MAX_RESULT_CHARACTERS)}`);
  return [...lines, ...shown].join("\n");
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function callSchema(name: string, { $schema: _, $id: __, ...schema }: JsonObject): JsonObject {
  return {
    type: "object",
    properties: {
      id: { type: "string" },
      tool: { const: name },
      // A local reference would point nowhere once the schema is a part of another.
      args: refers(schema) ? { type: "object" } : withReferences(schema),
    },
    required: ["id", "tool", "args"],
    additionalProperties: false,
  };
}

function refers(value: Json): boolean {
  if (Array.isArray(value)) return value.some(refers);
  if (!isJsonObject(value)) return false;
  return "$ref" in value || "$dynamicRef" in value || Object.values(value).some(refers);
}
