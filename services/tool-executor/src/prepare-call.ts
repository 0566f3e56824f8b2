import type { JsonObject } from "@forerun/toolkit";
import { isJsonObject } from "@forerun/toolkit/json";
import { toPlainJson } from "./plain-json.ts";
import type { RegisteredTool } from "./registered-tool.ts";
import { type CallFailure, type CallRequest, failure } from "./tool-call.ts";
import type { Lookup } from "./tool-registry.ts";

/** Characters of JSON that the arguments of one call may take. */
export const MAX_ARGUMENT_CHARACTERS = 262_144;

export type PreparedCall = {
  kind: "prepared";
  registered: RegisteredTool;
  /** With defaults filled in. */
  arguments: JsonObject;
  /** As the tool's own schema hands them to `run`. */
  input: unknown;
};

/** Finds the tool and checks the arguments; nothing has run yet. */
export function prepareCall(request: CallRequest, lookup: Lookup): PreparedCall | CallFailure {
  if (lookup.kind !== "found") return notFound(request, lookup);
  const { tool: registered } = lookup;
  const { tool } = registered;
  if (request.early && tool.effect === "write") {
    return failure(
      "denied",
      `${tool.name} changes things, so it runs only once its call is decided, never early.`,
    );
  }
  const copied = copyArguments(request.arguments);
  if (copied.kind === "bad") return invalid(registered, [copied.problem]);
  const problems = registered.checkArguments(copied.arguments);
  if (problems.length > 0) return invalid(registered, problems);
  const refined = tool.refine?.(copied.arguments) ?? { kind: "ok", args: copied.arguments };
  if (refined.kind === "refused") return invalid(registered, [refined.problem]);
  return { kind: "prepared", registered, arguments: copied.arguments, input: refined.args };
}

function copyArguments(
  value: JsonObject,
): { kind: "ok"; arguments: JsonObject } | { kind: "bad"; problem: string } {
  const copied = toPlainJson(value);
  if (copied.kind === "bad") return copied;
  if (!isJsonObject(copied.value)) return { kind: "bad", problem: "arguments must be an object" };
  const characters = JSON.stringify(copied.value).length;
  if (characters <= MAX_ARGUMENT_CHARACTERS) return { kind: "ok", arguments: copied.value };
  const problem = `arguments take ${characters} characters; at most ${MAX_ARGUMENT_CHARACTERS} are allowed`;
  return { kind: "bad", problem };
}

function notFound(request: CallRequest, lookup: Exclude<Lookup, { kind: "found" }>): CallFailure {
  if (lookup.kind === "outdated") {
    return failure(
      "unknown_tool",
      `${request.name} has changed since this turn began; ask again to use it as it is now.`,
    );
  }
  const hint = lookup.nearest ? ` Did you mean "${lookup.nearest}"?` : "";
  return failure("unknown_tool", `There is no tool "${request.name}".${hint}`);
}

function invalid({ tool }: RegisteredTool, problems: readonly string[]): CallFailure {
  return failure(
    "invalid_arguments",
    `${tool.name} was not called: ${problems.join("; ")}. ${expected(tool.input)}`,
  );
}

function expected(schema: JsonObject): string {
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  if (properties.length === 0) return "It takes no arguments.";
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const list = properties.map(([name, property]) => {
    const type = isJsonObject(property) && typeof property.type === "string" ? `: ${property.type}` : "";
    return `${name}${required.includes(name) ? "" : "?"}${type}`;
  });
  return `It takes {${list.join(", ")}}.`;
}
