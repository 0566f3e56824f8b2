import { ForerunError } from "@forerun/runtime/forerun-error";
import type { JsonObject, Tool } from "@forerun/toolkit";
import { definitionHash } from "./definition-hash.ts";
import type { SchemaCompiler, Validator } from "./schema-compiler.ts";

/** A tool that can be called: its definition, where it comes from, and its compiled schemas. */
export type RegisteredTool = Readonly<{
  tool: Tool;
  /** "built-in", "file:NAME" or "package:NAME". */
  source: string;
  hash: string;
  checkArguments: Validator;
  checkOutput: Validator;
}>;

/** What forerun.yaml may change about a tool. */
export type ToolOverride = Readonly<{ timeoutMs?: number; cacheTtlMs?: number }>;

export type Registrar = (tool: Tool, origin: { source: string; revision: string }) => RegisteredTool;

/** Compiles tools for use. The registrar throws ForerunError FR-E1403 for a schema that is none. */
export function createRegistrar(
  compiler: SchemaCompiler,
  settings: { overrides: ReadonlyMap<string, ToolOverride>; maxTimeoutMs: number | undefined },
): Registrar {
  return (authored, { source, revision }) => {
    const timeoutMs = Math.min(authored.timeoutMs, settings.maxTimeoutMs ?? authored.timeoutMs);
    const tool = { ...authored, timeoutMs, ...settings.overrides.get(authored.name) };
    return {
      tool,
      source,
      hash: definitionHash(tool, revision),
      checkArguments: compile(compiler, tool.name, "input", tool.input),
      checkOutput: compile(compiler, tool.name, "output", tool.output),
    };
  };
}

function compile(
  compiler: SchemaCompiler,
  name: string,
  field: "input" | "output",
  schema: JsonObject,
): Validator {
  try {
    return compiler.compile(schema);
  } catch (cause) {
    throw new ForerunError(
      "FR-E1403",
      "invalid_argument",
      `${name}.${field} is not a JSON Schema 2020-12: ${(cause as Error).message}`,
      "correct the schema; remote references are not fetched",
      { cause },
    );
  }
}
