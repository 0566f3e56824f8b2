import type { Model } from "@forerun/llm/model";
import type { ReplySlots } from "@forerun/llm/reply-memory";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Check, UntrustedSchemas } from "@forerun/toolkit/untrusted-schema";
import type { AnswerEvent, AnswerQuestion } from "./answer.ts";
import { composeAnswer } from "./compose/compose-answer.ts";
import { isRenderedAnswer } from "./compose/rendered-answer.ts";
import { writeByModel } from "./model/write-by-model.ts";
import { withToolSources } from "./tool-sources.ts";

export type AnswerDeps = Readonly<{
  /** Undefined composes answers. */
  model: Model | undefined;
  /** What it wrote a moment ago; without them it is asked anew each time. */
  replies?: ReplySlots | undefined;
  schemas: UntrustedSchemas;
  /** Tools whose own words are the answer when their call is the only one. */
  renderedTools: ReadonlySet<string>;
}>;

/**
 * Writes one answer. What the router decided to say needs no model, and neither does what a tool says where it may answer alone;
 * the rest is the model's where one is connected and may be called, else it is composed. A schema and a client's tools take a
 * model. Throws a ForerunError when the model fails or is missing.
 */
export async function* generateAnswer(
  asked: AnswerQuestion,
  { model, replies, schemas, renderedTools }: AnswerDeps,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const callable = asked.maxModelCalls > 0 ? model : undefined;
  if (asked.responseSchema !== undefined || asked.clientTools !== undefined) {
    if (callable === undefined) throw modelNeeded(model !== undefined);
    const check = asked.responseSchema && checkFor(asked.responseSchema, schemas);
    yield* writeByModel(withToolSources(asked), { model: callable, replies, check }, signal);
    return;
  }
  if (asked.decidedText !== "") {
    yield { kind: "text", text: asked.decidedText };
    yield composed();
    return;
  }
  const question = withToolSources(asked);
  if (callable !== undefined && !isRenderedAnswer(question, renderedTools)) {
    yield* writeByModel(question, { model: callable, replies }, signal);
    return;
  }
  yield* composeAnswer(question, model !== undefined);
  yield composed();
}

function composed(): AnswerEvent {
  const usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, costMicros: 0 };
  return { kind: "done", finish: "stop", usage, model: "", clientCalls: [] };
}

function checkFor(schema: object, schemas: UntrustedSchemas): Check {
  const compiled = schemas.compile(schema);
  if (compiled.kind === "ok") return compiled.check;
  throw new ForerunError(
    "FR-E1711",
    "invalid_argument",
    `response_schema: ${compiled.problem}`,
    "Send a JSON Schema (2020-12) that stands alone.",
  );
}

function modelNeeded(connected: boolean): ForerunError {
  return new ForerunError(
    "FR-E1531",
    "failed_precondition",
    connected
      ? "This answer takes a model, and the turn's model calls are used up."
      : "This answer takes a model, and none is connected.",
    connected ? "Raise limits.max_model_calls." : "Set MODEL and either OPENAI_API_KEY or MODEL_URL.",
  );
}
