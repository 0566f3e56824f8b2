/** Two calls are the same when the tool and the canonical form of their arguments are. */
import { canonicalJson } from "@forerun/toolkit/canonical-json";
import type { JsonObject } from "../json.ts";

/** Equal for equal calls. The router has filled in the schema's defaults on both sides. */
export function callKey(call: { name: string; arguments: JsonObject; toolHash: string }): string {
  return `${call.name} ${call.toolHash} ${canonicalJson(call.arguments)}`;
}
