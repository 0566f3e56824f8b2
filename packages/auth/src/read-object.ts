const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The JSON object in one part of a token; undefined for anything else. An object that names a member twice is nothing: parsers
 * differ in which of the two they take, and the gateway's must not see another tenant than ours.
 */
export function readObject(part: string): object | undefined {
  try {
    const text = UTF8.decode(Buffer.from(part, "base64url"));
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return namesTwice(text, value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Counts the names in a valid JSON text, and those that the parsed value kept. */
function namesTwice(text: string, value: object): boolean {
  const names = text.match(/"(?:[^"\\]|\\.)*"\s*:?/g)?.filter((string) => string.endsWith(":")) ?? [];
  return names.length !== countNames(value);
}

function countNames(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, member) => sum + countNames(member), own);
}
