import type { Model } from "@forerun/llm/model";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { AnswerEvent, AnswerQuestion } from "../answer.ts";
import { answerPrompt } from "./answer-prompt.ts";
import { CitationScanner } from "./citation-scanner.ts";

/** One model call, streamed. Throws a ForerunError when it fails, also after a part of the text. */
export async function* writeByModel(
  question: AnswerQuestion,
  model: Model,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const { snippets, maxOutputTokens } = question;
  const scanner = new CitationScanner(snippets.length);
  const request = {
    messages: answerPrompt(question),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
  let empty = true;
  for await (const event of model.stream(request, signal)) {
    switch (event.kind) {
      case "text":
        empty = false;
        yield event;
        for (const number of scanner.push(event.text)) {
          const source = snippets[number - 1]?.source;
          if (source) yield { kind: "citation", citation: source };
        }
        break;
      case "failed":
        throw event.error;
      case "done":
        if (empty && event.finishReason === "stop") throw emptyAnswer();
        yield {
          kind: "done",
          finish: event.finishReason,
          usage: { modelCalls: 1, ...event.usage },
          model: model.name,
        };
        break;
      default:
        event satisfies never;
    }
  }
}

/** A turn that ends well with nothing to read would look like a fault of the reader's. */
function emptyAnswer(): ForerunError {
  return new ForerunError(
    "FR-E1509",
    "unavailable",
    "The model ended its answer without a word.",
    "Try again; if it goes on, use another model.",
  );
}
