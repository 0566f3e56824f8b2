import type { JsonValue } from "./json.ts";

/**
 * One text for equal values, by RFC 8785: keys sorted by UTF-16 code units, no white space; numbers and strings as
 * JSON.stringify writes them. Recursive, so for values of bounded depth.
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(",")}}`;
}
