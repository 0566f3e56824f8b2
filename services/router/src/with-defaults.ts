import { isJsonObject, type Json, type JsonObject } from "./tier0/tool-definition.ts";

/** The arguments with the defaults that the schema gives to properties, nested ones included; what is set stays. */
export function withDefaults(schema: JsonObject, args: JsonObject): JsonObject {
  const { properties } = schema;
  if (!isJsonObject(properties)) return args;
  const filled: { [key: string]: Json } = { ...args };
  for (const [name, property] of Object.entries(properties)) {
    if (!isJsonObject(property)) continue;
    const given = Object.hasOwn(filled, name) ? filled[name] : undefined;
    const value = given === undefined ? property.default : deeper(property, given);
    // Defined, not assigned: a property may be called __proto__.
    if (value !== undefined)
      Object.defineProperty(filled, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return filled;
}

function deeper(schema: JsonObject, value: Json): Json {
  return isJsonObject(value) ? withDefaults(schema, value) : value;
}
