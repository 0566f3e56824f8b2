import { isJsonObject, type Json, type JsonObject } from "../tier0/tool-definition.ts";

const MAX_JSON_CHARACTERS = 1_000;

/**
 * A schema in the few words a model needs to fill it in: `{place: string (City.), days?: integer}`. Bounds and the like are left
 * out; they are checked when the call comes.
 */
export function signatureOf(schema: Json): string {
  if (!isJsonObject(schema)) return "any";
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  const options = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(options)) return options.map(signatureOf).join(" | ");
  // What these say has no short form.
  if ("$ref" in schema || "allOf" in schema || "if" in schema) return asJson(schema);
  return typeSignature(schema);
}

function typeSignature(schema: JsonObject): string {
  const { type, format, items, properties } = schema;
  if (isJsonObject(properties)) return objectSignature(properties, schema.required);
  if (type === "array") return `${signatureOf(items ?? true)}[]`;
  if (type === "string" && typeof format === "string") return `string, ${format}`;
  if (typeof type === "string") return type;
  return Array.isArray(type) ? type.join(" | ") : "any";
}

function objectSignature(properties: JsonObject, required: Json | undefined): string {
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const parts = Object.entries(properties).map(([name, property]) => {
    const mark = needed.includes(name) ? "" : "?";
    return `${name}${mark}: ${signatureOf(property)}${note(property)}`;
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
