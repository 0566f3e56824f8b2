import type { AnswerQuestion } from "../answer.ts";
import { spokenName } from "./spoken-name.ts";

const MAX_TOOLS = 8;

/** For a message that neither tools nor documents answer: what is missing, how to get it, what can be done meanwhile. */
export function sayLimits({ candidates }: AnswerQuestion, modelConnected: boolean): string[] {
  return [...(modelConnected ? MODEL_NOT_ALLOWED : NO_MODEL), ...abilities(candidates), DOCUMENTS];
}

const NO_MODEL = [
  "I cannot answer this: no language model is connected, and neither my tools nor your documents cover it.",
  "To connect one, set MODEL and either OPENAI_API_KEY or MODEL_URL (any OpenAI-compatible server), then start again: MODEL=name OPENAI_API_KEY=… npm start.",
];

const MODEL_NOT_ALLOWED = [
  "I cannot answer this without the language model, which this turn may not call: its limit of model calls is used up.",
  "Raise limits.max_model_calls to allow it.",
];

const DOCUMENTS = "I can also quote from documents that you add with “forerun ingest FILE”.";

function abilities(candidates: readonly string[]): string[] {
  if (candidates.length === 0) return [];
  const names = candidates.slice(0, MAX_TOOLS).map(spokenName);
  return [`Without a model I can use these tools: ${names.join(", ")}; “forerun tool list” tells more.`];
}
