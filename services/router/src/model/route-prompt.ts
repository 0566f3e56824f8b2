import type { ChatMessage } from "@forerun/llm/model-call";
import { earlierMessages } from "./earlier-calls.ts";
import { instructionsFor } from "./instructions.ts";
import type { ModelCatalog } from "./model-catalog.ts";
import type { RouteQuestion } from "./route-question.ts";

const MAX_HISTORY_MESSAGES = 12;
const MAX_HISTORY_CHARACTERS = 8_000;

/** `tools`: names of the offered tools, in a stable order. */
export function routePrompt(
  question: RouteQuestion,
  catalog: ModelCatalog,
  tools: readonly string[],
): ChatMessage[] {
  const system = [
    instructionsFor(question),
    "",
    tools.length > 0 ? "Tools:" : "There are no tools for this message.",
    ...tools.map((name) => catalog.describe(name)),
    "",
    // What changes from turn to turn comes last.
    circumstances(question),
  ].join("\n");
  return [
    { role: "system", content: system },
    ...recent(question.history),
    { role: "user", content: question.text },
    ...earlierMessages(question.earlierCalls),
  ];
}

function circumstances({ now, timeZone, maxToolCalls, toolChoice }: RouteQuestion): string {
  const required = toolChoice === "required" ? " A tool must be called: action is call or clarify." : "";
  return `Now: ${now} (time zone ${timeZone}). At most ${maxToolCalls} calls.${required}`;
}

/** The newest messages that fit; an old one that is too long is left out with all before it. */
function recent(history: RouteQuestion["history"]): ChatMessage[] {
  const kept: ChatMessage[] = [];
  let left = MAX_HISTORY_CHARACTERS;
  for (const { role, content } of history.slice(-MAX_HISTORY_MESSAGES).reverse()) {
    left -= content.length;
    if (left < 0) break;
    kept.unshift({ role, content });
  }
  return kept;
}
