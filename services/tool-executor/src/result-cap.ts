import { isJsonObject, type JsonObject, type JsonValue } from "@forerun/toolkit/json";

/** Bytes of JSON that a result may take on its way to prompts and logs. */
export const MAX_RESULT_BYTES = 65_536;

const ELLIPSIS = "…";

/**
 * Cuts a JSON value to a size, the same way every time: long texts lose their end, lists their last items, and the
 * fields of an object share the room so that one long field does not push out the others.
 */
export function capJson(value: JsonValue, maxBytes: number): { value: JsonValue; truncated: boolean } {
  const size = sizeOf(value);
  if (size <= maxBytes) return { value, truncated: false };
  return { value: cut(value, maxBytes) ?? null, truncated: true };
}

/** Cuts a text to a size in UTF-8, at a character's border. */
export function capText(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  return cutText(text, maxBytes - Buffer.byteLength(ELLIPSIS), (part) => Buffer.byteLength(part)) + ELLIPSIS;
}

/** Bytes of the value as JSON in UTF-8. */
export function sizeOf(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The value within the room, or undefined when not even a part of it fits. */
function cut(value: JsonValue, room: number): JsonValue | undefined {
  if (sizeOf(value) <= room) return value;
  if (typeof value === "string") return cutString(value, room);
  if (Array.isArray(value)) return cutArray(value, room);
  if (isJsonObject(value)) return cutObject(value, room);
  return undefined;
}

function cutString(text: string, room: number): string | undefined {
  const inner = room - sizeOf(ELLIPSIS);
  return inner < 0 ? undefined : cutText(text, inner, (part) => sizeOf(part) - 2) + ELLIPSIS;
}

function cutArray(items: readonly JsonValue[], room: number): JsonValue[] | undefined {
  if (room < 2) return undefined;
  const kept: JsonValue[] = [];
  let left = room - 2;
  for (const item of items) {
    const comma = kept.length > 0 ? 1 : 0;
    const part = cut(item, left - comma);
    if (part === undefined) break;
    kept.push(part);
    left -= sizeOf(part) + comma;
    if (part !== item) break;
  }
  return kept;
}

function cutObject(fields: JsonObject, room: number): JsonObject | undefined {
  if (room < 2) return undefined;
  const entries = Object.entries(fields).map(([key, value]) => ({
    key,
    value,
    overhead: sizeOf(key) + 2,
    size: sizeOf(value),
  }));
  const shares = fairShares(entries, room - 2);
  const kept: JsonObject = {};
  for (const { key, value } of entries) {
    const share = shares.get(key);
    const part = share === undefined ? undefined : cut(value, share);
    if (part !== undefined) {
      Object.defineProperty(kept, key, { value: part, enumerable: true, writable: true, configurable: true });
    }
  }
  return kept;
}

/** Small fields get what they need; what is left is shared equally among the large ones. */
function fairShares(
  entries: readonly { key: string; overhead: number; size: number }[],
  room: number,
): Map<string, number> {
  const shares = new Map<string, number>();
  const bySize = [...entries].sort((left, right) => left.size + left.overhead - right.size - right.overhead);
  let left = room;
  for (const [index, { key, overhead, size }] of bySize.entries()) {
    const share = Math.min(size, Math.floor(left / (bySize.length - index)) - overhead);
    if (share < 1) continue;
    shares.set(key, share);
    left -= share + overhead;
  }
  return shares;
}

/** The longest beginning that fits, by halving; never half a surrogate pair. */
function cutText(text: string, room: number, bytes: (part: string) => number): string {
  let fits = 0;
  let tooLong = Math.min(text.length, room) + 1;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (bytes(text.slice(0, middle).toWellFormed()) <= room) fits = middle;
    else tooLong = middle;
  }
  const ending = text.charCodeAt(fits - 1);
  return text.slice(0, ending >= 0xd800 && ending <= 0xdbff ? fits - 1 : fits);
}
