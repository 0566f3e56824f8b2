import type { JsonValue } from "@bufbuild/protobuf";

/** Digits in which two numbers have to agree: beyond the noise of doubles, below anything a person means. */
const DIGITS = 9;

/** JSON such that equal values have equal text: numbers rounded, strings without case, accents, spare spaces and closing marks, keys in order. */
export function plainValue(value: JsonValue): JsonValue {
  if (typeof value === "number") return Number(value.toPrecision(DIGITS));
  if (typeof value === "string") return plainText(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, plainValue(value[key] ?? null)]),
  );
}

export function plainText(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/^[\s"'“”]+|[\s"'“”?!.,]+$/g, "");
}
