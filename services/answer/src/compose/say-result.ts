import type { Json, ToolResult } from "../answer.ts";
import { spokenName } from "./spoken-name.ts";

const MAX_VALUE_CHARACTERS = 300;

/** What a call came to, as one or more whole sentences or lines. */
export function sayResult(result: ToolResult): string {
  switch (result.outcome) {
    case "ok":
      return sayOutput(result);
    case "failed":
      return `I could not use ${spokenName(result.name)}: ${sentence(result.problem || "it failed without a reason")}`;
    case "denied":
      return `I did not use ${spokenName(result.name)}: ${sentence(result.problem || "it was not allowed")}`;
    case "stopped":
      return `I stopped ${spokenName(result.name)} before it had finished.`;
    default:
      return result.outcome satisfies never;
  }
}

function sayOutput({ name, rendered, output, truncated }: ToolResult): string {
  const said = rendered.trim() || sayValue(name, output);
  return truncated ? `${sentence(said)} (The result was too long and has been cut.)` : sentence(said);
}

/** For tools that do not render: their values by name, nested ones as JSON. */
function sayValue(name: string, output: Json | undefined): string {
  const subject = spokenName(name);
  if (output === undefined || output === null) return `${subject} found nothing`;
  if (typeof output !== "object" || Array.isArray(output)) return `${subject}: ${brief(output)}`;
  const values = Object.entries(output).map(([key, value]) => `${spokenName(key)} ${brief(value)}`);
  return `${subject}: ${values.join(", ") || "done"}`;
}

function brief(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MAX_VALUE_CHARACTERS
    ? `${text.slice(0, MAX_VALUE_CHARACTERS - 1).toWellFormed()}…`
    : text;
}

/** Ends like a sentence; lists, tables and the like keep their own end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[\p{L}\p{N}%)"'”’°€$£]$/u.test(trimmed) && !trimmed.includes("\n") ? `${trimmed}.` : trimmed;
}
