import type { JsonValue } from "@bufbuild/protobuf";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { findStructureFault, type StructureLimits } from "./json-structure.ts";

/** Values a request may hold; what people and programs send stays far below, and parsing more would stall the event loop. */
const MAX_VALUES = 20_000;

/**
 * Parses a request body that must be one JSON text in UTF-8 without a byte order mark.
 * Throws FR-E1305 for anything whose meaning is not beyond doubt: doubled names, numbers past a double, lone surrogates.
 */
export function parseStrictJson(body: Uint8Array, maxDepth: number): JsonValue {
  const text = decode(body);
  const limits: StructureLimits = { depth: maxDepth, values: MAX_VALUES };
  const value = findStructureFault(text, limits) ?? parse(text);
  if (typeof value === "string") throw malformed(value);
  const fault = findValueFault(value.parsed);
  if (fault) throw malformed(fault);
  return value.parsed;
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch (cause) {
    throw malformed("it is not valid UTF-8", cause);
  }
}

function parse(text: string): { parsed: JsonValue } | string {
  try {
    return { parsed: JSON.parse(text) as JsonValue };
  } catch {
    // The engine's message quotes the body, so it is not passed on.
    return "it is not valid JSON";
  }
}

function findValueFault(value: JsonValue): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "a number is too large";
  if (typeof value === "string")
    return value.isWellFormed() ? undefined : "a string holds half a surrogate pair";
  if (value === null || typeof value !== "object") return undefined;
  for (const [name, member] of Object.entries(value)) {
    const fault =
      (name.isWellFormed() ? undefined : "a name holds half a surrogate pair") ?? findValueFault(member);
    if (fault) return fault;
  }
  return undefined;
}

function malformed(why: string, cause?: unknown): ForerunError {
  return new ForerunError(
    "FR-E1305",
    "invalid_argument",
    `malformed request body: ${why}`,
    "Send one JSON object in UTF-8.",
    { cause },
  );
}
