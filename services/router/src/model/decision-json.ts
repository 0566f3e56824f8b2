import { z } from "zod";
import type { JsonObject } from "../tier0/tool-definition.ts";

/** A longer text is no decision. */
export const MAX_DECISION_CHARACTERS = 65_536;
const MAX_DEPTH = 64;

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** A call as the model writes it; keys it adds are dropped, here and in the decision. */
export const decisionCall = z.object({
  id: z.string().optional(),
  tool: z.string(),
  args: jsonObject.default({}),
});

const decisionJson = z.object({
  thought: z.string().catch(""),
  action: z.enum(["answer", "call", "clarify", "refuse", "escalate"]),
  calls: z
    .array(decisionCall)
    .nullish()
    .transform((calls) => calls ?? []),
  text: z
    .string()
    .nullish()
    .transform((text) => text ?? ""),
});

export type DecisionJson = z.output<typeof decisionJson>;

export type ParsedDecision =
  | Readonly<{ kind: "parsed"; decision: DecisionJson }>
  | Readonly<{ kind: "unusable"; reason: string }>;

/** Reads a model's text; nothing is repaired but a code fence or a block of thoughts around the JSON. */
export function parseDecision(text: string): ParsedDecision {
  if (text.length > MAX_DECISION_CHARACTERS)
    return unusable("too_long", `more than ${MAX_DECISION_CHARACTERS} characters`);
  const value = parseJson(bareJson(text));
  if (value === undefined) return unusable("malformed_json", "the decision is not JSON");
  if (deeperThan(value, MAX_DEPTH)) return unusable("off_schema", `more than ${MAX_DEPTH} levels deep`);
  const parsed = decisionJson.safeParse(value);
  if (!parsed.success) return unusable("off_schema", firstProblem(parsed.error));
  return { kind: "parsed", decision: parsed.data };
}

/** Models without constrained decoding like to wrap their JSON. */
function bareJson(text: string): string {
  const spoken = afterThoughts(text).trim();
  if (!/^```(?:json)?\s*\n/.test(spoken) || !spoken.endsWith("```")) return spoken;
  return spoken.slice(spoken.indexOf("\n"), -3);
}

function afterThoughts(text: string): string {
  const end = "</think>";
  return text.trimStart().startsWith("<think>") && text.includes(end)
    ? text.slice(text.indexOf(end) + end.length)
    : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Level by level, because recursion is what a deep value attacks. */
function deeperThan(value: unknown, depth: number): boolean {
  let level = [value];
  for (let left = depth; level.length > 0; left -= 1) {
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
    if (left === 0) return level.length > 0;
  }
  return false;
}

/** Where the decision breaks the schema; values are the model's and are not repeated. */
function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0];
  return `"${issue?.path.join(".") || "decision"}" does not fit (${issue?.code ?? "unknown"})`;
}

function unusable(cause: string, detail: string): ParsedDecision {
  return { kind: "unusable", reason: `${cause}: ${detail}` };
}
