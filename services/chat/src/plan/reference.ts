/**
 * In the arguments of a call that depends on others, `$c1.places[0].latitude` stands for a part of call c1's output, and a
 * literal that begins with `$` is written `$$…`. The arguments of any other call are literal.
 */
import type { JsonObject, JsonValue } from "../json.ts";
import type { ToolCall } from "../turn.ts";

export type Reference = { callId: string; path: (string | number)[] };

const REFERENCE = /^\$(c[0-9]+)((?:\.[A-Za-z_]\w*|\[[0-9]+\])*)$/;
const STEP = /\.([A-Za-z_]\w*)|\[([0-9]+)\]/g;

/** Undefined for any other text. */
export function parseReference(text: string): Reference | undefined {
  const [, callId, steps = ""] = REFERENCE.exec(text) ?? [];
  if (callId === undefined) return undefined;
  const path = [...steps.matchAll(STEP)].map(([, key, index]) => key ?? Number(index));
  return { callId, path };
}

/** The calls whose results a call needs: those it names, and those its references name. */
export function neededIds(call: ToolCall): string[] {
  const ids = new Set(call.dependsOn);
  if (ids.size === 0) return [];
  mapTexts(call.arguments, (text) => {
    const reference = parseReference(text);
    if (reference) ids.add(reference.callId);
    return text;
  });
  return [...ids];
}

/** The same arguments with each reference under the id that `idOf` gives. */
export function renameReferences(args: JsonObject, idOf: (id: string) => string): JsonObject {
  return mapTexts(args, (text) => {
    const id = parseReference(text)?.callId;
    return id === undefined ? text : `$${idOf(id)}${text.slice(1 + id.length)}`;
  });
}

/** The arguments with each text in them, however deep, replaced; keys are left alone. */
export function mapTexts(args: JsonObject, map: (text: string) => JsonValue): JsonObject {
  const mapValue = (value: JsonValue): JsonValue => {
    if (typeof value === "string") return map(value);
    if (Array.isArray(value)) return value.map(mapValue);
    return value === null || typeof value !== "object" ? value : mapTexts(value, map);
  };
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, mapValue(value)]));
}
