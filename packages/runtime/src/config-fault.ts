import type { z } from "zod";
import { suggestDuration } from "./duration.ts";
import type { ErrorCode } from "./error-catalog.ts";
import { ForerunError } from "./forerun-error.ts";
import { hideCredentials } from "./hide-credentials.ts";
import { nearest } from "./nearest.ts";

/** One thing wrong with the configuration. */
export type ConfigFault = {
  code: Extract<ErrorCode, "FR-E1201" | "FR-E1203">;
  /** "forerun.yaml:14", "environment" or "--port". */
  where: string;
  /** "tools.timeout" or "PORT". */
  key: string;
  /** What was expected and what was found; ends with a suggestion where there is one. */
  problem: string;
};

/** Everything that is wrong with the configuration, at once. The code is that of the first fault. */
export class ConfigError extends ForerunError {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly [ConfigFault, ...ConfigFault[]]) {
    const message = faults.map((fault) => `${fault.where}  ${fault.key}: ${fault.problem}`).join("\n");
    super(
      faults[0].code,
      "invalid_argument",
      message,
      `see forerun config explain ${faults[0].key.replace(/\[\d+\]/g, "")}`,
    );
    this.name = "ConfigError";
    this.faults = faults;
  }
}

/** Where a fault's cure is told. */
export function fixOf({ code, key }: ConfigFault): string {
  return code === "FR-E1201"
    ? "see forerun config show"
    : `see forerun config explain ${key.replace(/\[\d+\]/g, "")}`;
}

/** Says what a zod issue means to the person who wrote the value. Secrets are not repeated. */
export function describeIssue(issue: z.core.$ZodIssue, value: unknown, secret: boolean): string {
  const expected = expectation(issue);
  if (value === undefined) return `${expected}, got nothing`;
  const suggestion = secret ? undefined : suggest(issue, expected, value);
  return `${expected}, got ${secret ? "a value not shown" : shown(value)}${suggestion ? ` … did you mean ${suggestion}?` : ""}`;
}

/** "expected …": what a right value looks like, without the value that was found. */
export function expectation(issue: z.core.$ZodIssue): string {
  // A schema's own words, told from the library's by their first word.
  if (!/^(Invalid|Too|Unrecognized) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => String(value)).join(" or ")}`;
    case "too_small":
      return `expected ${issue.inclusive === false ? "more than" : "at least"} ${String(issue.minimum)}${countedIn(issue.origin)}`;
    case "too_big":
      return `expected ${issue.inclusive === false ? "less than" : "at most"} ${String(issue.maximum)}${countedIn(issue.origin)}`;
    default:
      return `expected something else (${issue.message})`;
  }
}

function countedIn(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function suggest(issue: z.core.$ZodIssue, expected: string, value: unknown): string | undefined {
  if (expected.startsWith("expected a duration")) return suggestDuration(String(value));
  if (issue.code === "invalid_value") return nearest(String(value), issue.values.map(String));
  return undefined;
}

function shown(value: unknown): string {
  const text = hideCredentials(JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
