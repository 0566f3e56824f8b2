/** Page tokens: where the last page ended, opaque to clients. A new kind of key gets a new letter, so that none is misread. */
import { validate } from "uuid";
import type { Page } from "../ports.ts";

export const FIRST_ID = "00000000-0000-0000-0000-000000000000";
export const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

export type IdKey = { id: string };
/** A time and, where several rows share it, an id. */
export type TimeKey = { time: Date; id: string };

export function encodeIdKey({ id }: IdKey): string {
  return Buffer.from(`i${id}`).toString("base64url");
}

export function decodeIdKey(token: string): IdKey | undefined {
  const [, id] = /^i(.+)$/.exec(plain(token)) ?? [];
  return id && validate(id) ? { id } : undefined;
}

export function encodeTimeKey({ time, id }: TimeKey): string {
  return Buffer.from(`t${time.getTime()}.${id}`).toString("base64url");
}

export function decodeTimeKey(token: string): TimeKey | undefined {
  const [, ms, id] = /^t(\d{1,15})\.(.+)$/.exec(plain(token)) ?? [];
  return ms && id && validate(id) ? { time: new Date(Number(ms)), id } : undefined;
}

/** Cuts `rows`, read with one row more than the page holds, into a page; `keyOf` its last row is the next page's token. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  size: number,
  keyOf: (row: Row) => string,
  item: (row: Row) => T,
): Page<T> {
  const held = rows.slice(0, size);
  const last = held.at(-1);
  const next = rows.length > size && last !== undefined ? keyOf(last) : undefined;
  return { kind: "page", items: held.map(item), next };
}

function plain(token: string): string {
  return Buffer.from(token, "base64url").toString("utf8");
}
