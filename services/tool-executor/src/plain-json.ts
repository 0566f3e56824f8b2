import { type JsonObject, type JsonValue, MAX_JSON_DEPTH } from "@forerun/toolkit/json";

/** Values that one tool may return, counted at every level. */
const MAX_VALUES = 1_000_000;

export type PlainJson = { kind: "ok"; value: JsonValue } | { kind: "bad"; problem: string };

/**
 * A copy of a value as JSON would carry it: undefined properties are left out, dates become text.
 * Refuses what JSON cannot say (functions, NaN, cycles) and what no reader of ours takes (more than 64 levels).
 */
export function toPlainJson(value: unknown): PlainJson {
  const copier = new Copier();
  const copy = copier.copy(value, MAX_JSON_DEPTH, "");
  return copier.problem === undefined
    ? { kind: "ok", value: copy }
    : { kind: "bad", problem: copier.problem };
}

class Copier {
  problem: string | undefined;
  #values = 0;

  copy(value: unknown, levels: number, path: string): JsonValue {
    if (++this.#values > MAX_VALUES) return this.#bad(path, `holds more than ${MAX_VALUES} values`);
    switch (typeof value) {
      case "string":
        return value.isWellFormed() ? value : value.toWellFormed();
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : this.#bad(path, `is ${value}, which JSON cannot say`);
      case "object":
        return value === null ? null : this.#copyObject(value, levels, path);
      default:
        return this.#bad(path, `is ${value === undefined ? "missing" : `a ${typeof value}`}`);
    }
  }

  #copyObject(value: object, levels: number, path: string): JsonValue {
    if (levels === 0) return this.#bad(path, `is nested more than ${MAX_JSON_DEPTH} levels deep`);
    if (this.problem !== undefined) return null;
    if (value instanceof Date)
      return Number.isNaN(value.getTime()) ? this.#bad(path, "is no date") : value.toJSON();
    if (Array.isArray(value)) {
      return value.map((item, index) => this.copy(item, levels - 1, `${path}[${index}]`));
    }
    const copy: JsonObject = {};
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      // Maps on the wire lose such a key without a word.
      if (key === "__proto__") return this.#bad(path, 'has a key named "__proto__"');
      copy[key.toWellFormed()] = this.copy(inner, levels - 1, path ? `${path}.${key}` : key);
    }
    return copy;
  }

  #bad(path: string, problem: string): null {
    this.problem ??= `${path ? `"${path}"` : "it"} ${problem}`;
    return null;
  }
}
