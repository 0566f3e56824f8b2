import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";

/** Tag, length and the wrappers of a Struct's value, rounded up. */
const VALUE_OVERHEAD = 48;

/**
 * Is the wire form of `message` larger than `maxBytes`? Exact, yet encodes only when a walk over the values cannot rule it
 * out: a string takes at most three bytes a UTF-16 unit, a number at most ten.
 */
export function exceeds(schema: DescMessage, message: Message, maxBytes: number): boolean {
  return upperBound(message) > maxBytes && toBinary(schema, message).byteLength > maxBytes;
}

function upperBound(value: unknown): number {
  if (typeof value === "string") return VALUE_OVERHEAD + value.length * 3;
  if (typeof value !== "object" || value === null) return VALUE_OVERHEAD;
  if (value instanceof Uint8Array) return VALUE_OVERHEAD + value.byteLength;
  let bytes = VALUE_OVERHEAD;
  if (Array.isArray(value)) {
    for (const item of value) bytes += upperBound(item);
    return bytes;
  }
  // Keys count too: they are on the wire for maps and Structs.
  for (const [key, item] of Object.entries(value)) bytes += key.length * 3 + upperBound(item);
  return bytes;
}
