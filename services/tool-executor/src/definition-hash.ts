import { createHash } from "node:crypto";
import type { JsonValue, Tool } from "@forerun/toolkit";
import { canonicalJson } from "@forerun/toolkit/canonical-json";

/**
 * Names a definition: equal on every replica that holds the same one, and new when anything of it changes.
 * `revision` stands for the code behind it, which the definition itself cannot show.
 */
export function definitionHash(tool: Tool, revision: string): string {
  const { name, description, effect, input, output, examples, timeoutMs, cacheTtlMs, costMicros } = tool;
  return sha256([
    name,
    description,
    effect,
    input,
    output,
    examples.map((example) => ({ ...example })),
    timeoutMs,
    cacheTtlMs,
    costMicros,
    revision,
  ]);
}

/** Hash over all definitions in use. */
export function registryVersion(hashes: readonly string[]): string {
  return sha256([...hashes]);
}

function sha256(value: JsonValue): string {
  return createHash("sha256").update(canonicalJson(value)).digest("base64url").slice(0, 22);
}
