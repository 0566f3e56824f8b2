import type { JsonObject, JsonValue } from "../json.ts";
import type { ToolCallRecord } from "../turn.ts";
import { mapTexts, parseReference, type Reference } from "./reference.ts";

export type Binding =
  | { kind: "bound"; arguments: JsonObject }
  /** A result has no such part; the message is worded for the model. */
  | { kind: "missing"; message: string };

/** Names of an output's parts that a message lists, and the characters it gives to them. */
const MOST_NAMES = 8;
const MOST_NAME_CHARACTERS = 40;

/**
 * The arguments of a dependent call with its references replaced by the parts of outputs that they stand for, and literals
 * that begin with `$$` by what they mean. `sources` holds the records of all calls that it refers to.
 */
export function bindArguments(args: JsonObject, sources: ReadonlyMap<string, ToolCallRecord>): Binding {
  let missing: string | undefined;
  const bound = mapTexts(args, (text) => {
    if (text.startsWith("$$")) return text.slice(1);
    const reference = parseReference(text);
    if (!reference) return text;
    const part = partOf(reference, sources.get(reference.callId));
    if (part.kind === "found") return part.value;
    missing ??= `${text}: ${part.message}`;
    return null;
  });
  return missing === undefined ? { kind: "bound", arguments: bound } : { kind: "missing", message: missing };
}

type Part = { kind: "found"; value: JsonValue } | { kind: "missing"; message: string };

function partOf({ callId, path }: Reference, source: ToolCallRecord | undefined): Part {
  let value: JsonValue | undefined = source?.output;
  let place = `the result of ${callId}`;
  for (const step of path) {
    const inner = stepInto(value, step);
    if (inner === undefined) {
      const cut = source?.truncated ? "; it was cut to the size limit" : "";
      return { kind: "missing", message: `${place} has no ${nameOf(step)}${instead(value)}${cut}` };
    }
    value = inner;
    place += typeof step === "number" ? `[${step}]` : `.${step}`;
  }
  return value === undefined ? { kind: "missing", message: `${place} is empty` } : { kind: "found", value };
}

function stepInto(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (typeof step === "number") return Array.isArray(value) ? value[step] : undefined;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, step) ? value[step] : undefined;
}

function nameOf(step: string | number): string {
  return typeof step === "number" ? `item ${step}` : `"${step}"`;
}

/** What there is in place of what was looked for. */
function instead(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `, it is a list of ${value.length}`;
  if (value === undefined || value === null || typeof value !== "object") return "";
  const names = Object.keys(value).slice(0, MOST_NAMES);
  return names.length === 0
    ? ""
    : `, it has ${names.map((name) => name.slice(0, MOST_NAME_CHARACTERS)).join(", ")}`;
}
