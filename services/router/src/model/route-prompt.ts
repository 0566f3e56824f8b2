import type { ChatMessage, JsonSchema } from "@forerun/llm/model-call";
import type { ModelCatalog } from "./model-catalog.ts";
import type { RouteQuestion } from "./route-question.ts";

const MAX_HISTORY_MESSAGES = 12;
const MAX_HISTORY_CHARACTERS = 8_000;

/** First in every prompt and the same for all, so that endpoints can reuse what they made of it. */
const INSTRUCTIONS = `You route messages of an assistant. Decide what the user's last message needs and reply with one JSON object:
{"thought": "one short sentence", "action": "call" | "answer" | "clarify" | "refuse", "calls": [{"id": "c1", "tool": "name", "args": {}}], "text": "…"}
- call: tools below can find out or do what is asked. List every call that is needed in "calls"; they run at the same time.
- answer: no tool helps. Another model writes the answer; do not write it yourself.
- clarify: a value that a tool needs is missing or unclear. Ask for it in "text".
- refuse: the message asks for something harmful. Say so in "text".
Take argument values from the conversation and never invent any. Write a text value that begins with $ as $$.
"calls" is only for call, "text" only for clarify and refuse.`;

/** `tools`: names of the offered tools, in a stable order. */
export function routePrompt(
  question: RouteQuestion,
  catalog: ModelCatalog,
  tools: readonly string[],
): ChatMessage[] {
  const system = [
    INSTRUCTIONS,
    "",
    "Tools:",
    ...tools.map((name) => catalog.describe(name)),
    "",
    // What changes from turn to turn comes last.
    circumstances(question),
  ].join("\n");
  return [
    { role: "system", content: system },
    ...recent(question.history),
    { role: "user", content: question.text },
  ];
}

/** The shape of a decision, made from the offered tools, for endpoints that can constrain their output. */
export function decisionSchema(
  question: RouteQuestion,
  catalog: ModelCatalog,
  tools: readonly string[],
): JsonSchema {
  const actions =
    question.toolChoice === "required" ? ["call", "clarify"] : ["call", "answer", "clarify", "refuse"];
  return {
    type: "object",
    properties: {
      thought: { type: "string" },
      action: { enum: actions },
      calls: {
        type: "array",
        maxItems: question.maxToolCalls,
        items: { anyOf: tools.map((name) => catalog.callSchema(name)) },
      },
      text: { type: "string" },
    },
    required: ["thought", "action"],
    additionalProperties: false,
  };
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
