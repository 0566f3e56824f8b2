import type { Parameter } from "../parameters/parameter.ts";
import type { Candidate } from "./candidate.ts";

/** Kinds of values that are right about as often as each other, whatever their parameter: each has a confidence of its own. */
export const VALUE_TYPES = [
  "enum",
  "boolean",
  "integer",
  "number",
  "date",
  "known",
  "expression",
  "quoted",
  "code",
  "name",
  "string",
  "array",
  "object",
  "omitted",
  "missing",
] as const;

export type ValueType = (typeof VALUE_TYPES)[number];

/** A string of several kinds is of the first of these that it has. */
const KINDS_OF_STRINGS: readonly (readonly [tag: string, type: ValueType])[] = [
  ["option", "enum"],
  ["date", "date"],
  ["known", "known"],
  ["expression", "expression"],
  ["quote", "quoted"],
  ["code", "code"],
  ["digits", "number"],
  ["name", "name"],
];

/** What kind of value a parameter was given; "omitted" and "missing" are nothing, where that is allowed and where not. */
export function valueTypeOf(
  { kind, closed, required }: Parameter,
  candidate: Candidate | undefined,
): ValueType {
  if (candidate === undefined) return required ? "missing" : "omitted";
  if (kind === "boolean" || kind === "array" || kind === "object") return kind;
  if (closed) return "enum";
  if (kind !== "string") return kind;
  return KINDS_OF_STRINGS.find(([tag]) => candidate.tags.includes(tag))?.[1] ?? "string";
}
