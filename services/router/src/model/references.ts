import { isJsonObject, type Json, type JsonObject } from "../tier0/tool-definition.ts";

const REFERENCE = /^\$(c[0-9]+)(?:\.[A-Za-z_]\w*|\[[0-9]+\])*$/;

/** A call's arguments and the ids of the calls whose results they name. */
export type ReadArguments = Readonly<{ arguments: JsonObject; dependsOn: readonly string[] }>;

/**
 * Tells references from literals in a model's arguments: `$c1.latitude` stands for a part of call c1's result, and a literal
 * that begins with `$` is written `$$…`. Where nothing is referred to the literals are read; else all stays as it is written,
 * for whoever binds the references.
 */
export function readArguments(args: JsonObject): ReadArguments {
  const referred = new Set<string>();
  const literal = mapObject(args, referred);
  return { arguments: referred.size === 0 ? literal : args, dependsOn: [...referred] };
}

function mapObject(value: JsonObject, referred: Set<string>): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapValue(inner, referred)]));
}

function mapValue(value: Json, referred: Set<string>): Json {
  if (typeof value === "string") return mapText(value, referred);
  if (Array.isArray(value)) return value.map((inner) => mapValue(inner, referred));
  return isJsonObject(value) ? mapObject(value, referred) : value;
}

function mapText(text: string, referred: Set<string>): string {
  if (text.startsWith("$$")) return text.slice(1);
  const callId = REFERENCE.exec(text)?.[1];
  if (callId !== undefined) referred.add(callId);
  return text;
}
