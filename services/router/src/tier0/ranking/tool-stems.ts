import { stem } from "../text/stem.ts";
import { identifierWords } from "../text/tokens.ts";
import { STOP_WORDS } from "../text/word-classes.ts";
import type { ToolDefinition } from "../tool-definition.ts";

/** Stems of a tool's name and description: words that ask for the tool rather than fill it. */
export function toolStems(tool: Pick<ToolDefinition, "name" | "description">): ReadonlySet<string> {
  const words = [...identifierWords(tool.name), ...identifierWords(tool.description.slice(0, 600))];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map(stem));
}
