import { z } from "zod";
import { isJsonObject, type JsonObject, MAX_JSON_DEPTH } from "./json.ts";
import type { JsonSchema, Refined } from "./tool.ts";

/** A zod 4 schema or a plain JSON Schema 2020-12. */
export type Schema = z.ZodType | JsonSchema;

/** The type of values that a schema lets through; plain JSON Schemas are not read by the compiler. */
export type Typed<S extends Schema> = S extends z.ZodType ? z.output<S> : JsonObject;

/** Characters of JSON that one schema may take. */
export const MAX_SCHEMA_CHARACTERS = 65_536;

export type SchemaOutcome = { kind: "ok"; schema: JsonSchema } | { kind: "bad"; problem: string };

/** Turns an author's schema into plain JSON Schema 2020-12, or says why it cannot be one. */
export function toJsonSchema(value: unknown, direction: "input" | "output"): SchemaOutcome {
  if (isZod(value)) return fromZod(value, direction);
  if (!isJsonObject(value)) return { kind: "bad", problem: "expected a zod schema or a JSON Schema object" };
  return bounded(value);
}

/** The part of a zod schema that JSON Schema cannot carry: refinements and transforms. */
export function refinement(value: unknown): ((args: JsonObject) => Refined) | undefined {
  if (!isZod(value)) return undefined;
  return (args) => {
    const parsed = z.safeParse(value, args);
    if (parsed.success) return { kind: "ok", args: parsed.data };
    const issue = parsed.error.issues[0];
    const path = issue?.path.join(".");
    return { kind: "refused", problem: `${path ? `"${path}": ` : ""}${issue?.message ?? "refused"}` };
  };
}

// By its mark, not instanceof: a tool file may bring its own copy of zod 4.
function isZod(value: unknown): value is z.ZodType {
  return typeof value === "object" && value !== null && "_zod" in value;
}

function fromZod(schema: z.ZodType, io: "input" | "output"): SchemaOutcome {
  try {
    // Through JSON, so that nothing but plain data is left.
    const {
      $schema: _,
      "~standard": __,
      ...plain
    } = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io })));
    return bounded(plain);
  } catch (error) {
    return { kind: "bad", problem: `zod schema has no JSON Schema (${(error as Error).message})` };
  }
}

function bounded(schema: JsonObject): SchemaOutcome {
  if (deeperThan(schema, MAX_JSON_DEPTH)) {
    return { kind: "bad", problem: `nested more than ${MAX_JSON_DEPTH} levels deep, or refers to itself` };
  }
  const text = JSON.stringify(schema);
  if (text.length > MAX_SCHEMA_CHARACTERS) {
    return {
      kind: "bad",
      problem: `${text.length} characters of JSON; at most ${MAX_SCHEMA_CHARACTERS} are allowed`,
    };
  }
  const plain: unknown = JSON.parse(text);
  return isJsonObject(plain)
    ? { kind: "ok", schema: plain }
    : { kind: "bad", problem: "is not a plain JSON object" };
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => deeperThan(inner, levels - 1));
}
