/** Two calls are the same when the tool and the canonical form of their arguments are. */
import type { JsonObject, JsonValue } from "../json.ts";

/** RFC 8785: keys sorted by UTF-16 code units, no white space; numbers and strings as JSON.stringify writes them. */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(",")}}`;
}

/** Equal for equal calls. The router has filled in the schema's defaults on both sides. */
export function callKey(call: { name: string; arguments: JsonObject; toolHash: string }): string {
  return `${call.name} ${call.toolHash} ${canonicalJson(call.arguments)}`;
}
