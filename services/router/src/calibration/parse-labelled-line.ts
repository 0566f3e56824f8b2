import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { toolSchema } from "../route-lines.ts";
import type { JsonObject, ToolDefinition } from "../tier0/tool-definition.ts";
import { withDefaults } from "../with-defaults.ts";
import type { LabelledTurn } from "./labelled-turn.ts";

const lineSchema = z.strictObject({
  text: z.string().min(1),
  /** Earlier messages, oldest first. */
  history: z.array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.string() })).default([]),
  tools: z.array(toolSchema).optional(),
  /** The calls that are right, in any order; none for a message that wants no tool. Without arguments any will do. */
  expected: z.array(
    z.strictObject({ name: z.string().min(1), arguments: z.record(z.string(), z.json()).optional() }),
  ),
});

type Expected = z.output<typeof lineSchema>["expected"][number];

/** Reads one JSON line; `tools` are those of lines that bring none. Throws ZodError or SyntaxError. */
export function parseLabelledLine(line: string, tools: readonly ToolDefinition[]): LabelledTurn {
  const { text, history, expected, ...own } = lineSchema.parse(JSON.parse(line));
  const ownTools = own.tools as ToolDefinition[] | undefined;
  const schemas = new Map((ownTools ?? tools).map((tool) => [tool.name, tool.input_schema]));
  return {
    text,
    history,
    tools: ownTools,
    wanted: expected.map(({ name }) => name),
    isRight: (calls) => sameCalls(calls, expected, schemas),
  };
}

type Call = Readonly<{ name: string; arguments: JsonObject }>;

/** Each expected call is met by one that was made, and no other was made. */
function sameCalls(
  calls: readonly Call[],
  expected: readonly Expected[],
  schemas: ReadonlyMap<string, JsonObject>,
): boolean {
  if (calls.length !== expected.length) return false;
  const left = [...calls];
  for (const one of expected) {
    const at = left.findIndex((call) => isSame(call, one, schemas.get(one.name) ?? {}));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return true;
}

function isSame(call: Call, expected: Expected, schema: JsonObject): boolean {
  if (call.name !== expected.name) return false;
  if (expected.arguments === undefined) return true;
  return isDeepStrictEqual(
    withDefaults(schema, call.arguments),
    withDefaults(schema, expected.arguments as JsonObject),
  );
}
