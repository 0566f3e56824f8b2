import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Action } from "./routing-case.ts";

export type DecidedCall = Readonly<{ name: string; arguments: JsonObject }>;

/** What the router made of a message. The first call is `$c1` in the arguments of later ones. */
export type Decision = Readonly<{ action: Action; calls: readonly DecidedCall[] }>;

/** Calls under the ids that cases use, whatever ids the router gave them. */
export function numbered(calls: readonly (DecidedCall & { id: string })[]): DecidedCall[] {
  const numbers = new Map(calls.map(({ id }, at) => [id, `c${at + 1}`]));
  const renumber = (value: JsonValue): JsonValue => {
    if (typeof value === "string")
      return value.replace(/^\$([A-Za-z0-9_-]+)/, (all, id) =>
        numbers.has(id) ? `$${numbers.get(id)}` : all,
      );
    if (Array.isArray(value)) return value.map(renumber);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renumber(inner)]));
  };
  return calls.map(({ name, arguments: args }) => ({ name, arguments: renumber(args) as JsonObject }));
}
