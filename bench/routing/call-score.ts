/** Compares calls with what a data set allows: names exactly, values by type, strings by their letters and digits alone. */
import type { Json, JsonObject } from "@forerun/router/tier0/tool-definition";

export type ExpectedCall = Readonly<{ name: string; arguments: Readonly<Record<string, readonly Json[]>> }>;
export type MadeCall = Readonly<{ name: string; arguments: JsonObject }>;

const TOLERANCE = 1e-9;

export function sameValue(made: Json, allowed: Json): boolean {
  if (typeof made === "boolean" || typeof allowed === "boolean") return made === allowed;
  if (typeof made === "number" && typeof allowed === "number") return Math.abs(made - allowed) < TOLERANCE;
  if (typeof made === "string" && typeof allowed === "string") return bare(made) === bare(allowed);
  if (Array.isArray(made) && Array.isArray(allowed)) {
    return (
      made.length === allowed.length && made.every((item, index) => sameValue(item, allowed[index] ?? null))
    );
  }
  if (isRecord(made) && isRecord(allowed)) return sameRecord(made, allowed);
  return made === allowed;
}

/** In an allowed object each key lists its own alternatives; an empty string among them makes the key optional. */
function sameRecord(made: JsonObject, allowed: JsonObject): boolean {
  for (const [key, raw] of Object.entries(allowed)) {
    const choices = Array.isArray(raw) ? raw : [raw];
    const value = made[key];
    if (value === undefined ? !choices.includes("") : !choices.some((choice) => sameValue(value, choice)))
      return false;
  }
  return Object.keys(made).every((key) => key in allowed);
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function isRecord(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isOptional(choices: readonly Json[]): boolean {
  return choices.includes("") || choices.includes(null);
}

export type ArgumentVerdict = Readonly<{ name: string; right: boolean }>;

/** One verdict per expected argument, and one wrong one per argument nobody asked for. */
export function judgeArguments(made: MadeCall, expected: ExpectedCall): ArgumentVerdict[] {
  const verdicts: ArgumentVerdict[] = [];
  for (const [name, choices] of Object.entries(expected.arguments)) {
    const value = made.arguments[name];
    const right =
      value === undefined ? isOptional(choices) : choices.some((choice) => sameValue(value, choice));
    verdicts.push({ name, right });
  }
  for (const name of Object.keys(made.arguments)) {
    if (!(name in expected.arguments)) verdicts.push({ name, right: false });
  }
  return verdicts;
}

export function isExactCall(made: MadeCall, expected: ExpectedCall): boolean {
  return made.name === expected.name && judgeArguments(made, expected).every((verdict) => verdict.right);
}

/** The same calls, in any order. */
export function areExactCalls(made: readonly MadeCall[], expected: readonly ExpectedCall[]): boolean {
  if (made.length !== expected.length) return false;
  const left = [...expected];
  for (const call of made) {
    const at = left.findIndex((one) => isExactCall(call, one));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return true;
}

export function sameNames(made: readonly MadeCall[], expected: readonly ExpectedCall[]): boolean {
  const names = (calls: readonly { name: string }[]): string =>
    calls
      .map((call) => call.name)
      .sort()
      .join("\n");
  return names(made) === names(expected);
}
