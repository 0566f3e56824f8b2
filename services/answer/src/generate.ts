import type { Model } from "@forerun/llm/model";
import type { AnswerEvent, AnswerQuestion } from "./answer.ts";
import { composeAnswer } from "./compose/compose-answer.ts";
import { writeByModel } from "./model/write-by-model.ts";
import { withToolSources } from "./tool-sources.ts";

/**
 * Writes one answer. What the router decided to say needs no model; the rest is the model's where one is connected and may
 * be called, else it is composed. Throws a ForerunError when the model fails.
 */
export async function* generateAnswer(
  asked: AnswerQuestion,
  model: Model | undefined,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const decided = asked.action === "clarify" || asked.action === "refuse" ? asked.decidedText : "";
  if (decided !== "") {
    yield { kind: "text", text: decided };
    yield composed();
    return;
  }
  const question = withToolSources(asked);
  if (model !== undefined && question.maxModelCalls > 0) {
    yield* writeByModel(question, model, signal);
    return;
  }
  yield* composeAnswer(question, model !== undefined);
  yield composed();
}

function composed(): AnswerEvent {
  const usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0 };
  return { kind: "done", finish: "stop", usage, model: "" };
}
