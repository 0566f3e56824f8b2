import { isJsonObject, type Json, type JsonObject } from "../tier0/tool-definition.ts";

const REFERENCE: JsonObject = { type: "string", pattern: "^\\$c[0-9]+(\\.[A-Za-z_]\\w*|\\[[0-9]+\\])*$" };

/**
 * A tool's schema for arguments that may hold references: each value, however deep, may be a reference in its place. The
 * arguments as a whole stay an object of their own.
 */
export function withReferences(schema: JsonObject): JsonObject {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(isJsonObject(properties) ? { properties: mapValues(properties, orReference) } : {}),
    ...(isJsonObject(items) ? { items: orReference(items) } : {}),
  };
}

function orReference(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  const inner = withReferences(schema);
  return takesAnyText(inner) ? inner : { anyOf: [inner, REFERENCE] };
}

/** A reference is a text: where every text fits, so does it. */
function takesAnyText(schema: JsonObject): boolean {
  const bounds = ["enum", "const", "pattern", "format", "maxLength", "not", "allOf", "anyOf", "oneOf"];
  return schema.type === "string" && !bounds.some((bound) => bound in schema);
}

function mapValues(object: JsonObject, map: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
