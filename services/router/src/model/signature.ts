import { isJsonObject, type Json, type JsonObject } from "../tier0/tool-definition.ts";

const MAX_JSON_CHARACTERS = 1_000;

/**
 * A schema in the few words a model needs to fill it in: `{place: string (City.), days?: integer}`. Bounds and the like are left
 * out; they are checked when the call comes.
 */
export function signatureOf(schema: Json): string {
  return written(schema, note);
}

/** The same without descriptions: names and types alone. */
export function shapeOf(schema: Json): string {
  return written(schema, () => "");
}

type Note = (property: Json) => string;

function written(schema: Json, note: Note): string {
  if (!isJsonObject(schema)) return "any";
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  // Beside properties, options say which of them belong together.
  const options = schema.properties === undefined ? (schema.anyOf ?? schema.oneOf) : undefined;
  if (Array.isArray(options)) return options.map((option) => written(option, note)).join(" | ");
  // What these say has no short form.
  if ("$ref" in schema || "allOf" in schema || "if" in schema) return asJson(schema);
  return typeSignature(schema, note);
}

function typeSignature(schema: JsonObject, note: Note): string {
  const { type, format, items, properties } = schema;
  if (isJsonObject(properties)) return objectSignature(properties, schema.required, note);
  if (type === "array") return `${written(items ?? true, note)}[]`;
  if (type === "string" && typeof format === "string") return `string, ${format}`;
  if (typeof type === "string") return type;
  return Array.isArray(type) ? type.join(" | ") : "any";
}

function objectSignature(properties: JsonObject, required: Json | undefined, note: Note): string {
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const parts = Object.entries(properties).map(([name, property]) => {
    const mark = needed.includes(name) ? "" : "?";
    return `${name}${mark}: ${written(property, note)}${note(property)}`;
  });
  return `{${parts.join(", ")}}`;
}

function note(property: Json): string {
  const description = isJsonObject(property) ? property.description : undefined;
  return typeof description === "string" ? ` (${description.replace(/\s+/g, " ").trim()})` : "";
}

function asJson(schema: JsonObject): string {
  return JSON.stringify(schema).slice(0, MAX_JSON_CHARACTERS);
}
