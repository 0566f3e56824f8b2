import type { Model } from "@forerun/llm/model";
import type { ModelEvent, ModelRequest } from "@forerun/llm/model-call";
import { type ReplySlot, type ReplySlots, replayed } from "@forerun/llm/reply-memory";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Check } from "@forerun/toolkit/untrusted-schema";
import type { AnswerEvent, AnswerQuestion, Citation, ClientTools } from "../answer.ts";
import { answerPrompt } from "./answer-prompt.ts";
import { CitationScanner } from "./citation-scanner.ts";
import { clientCalls } from "./client-calls.ts";
import { clientPrompt } from "./client-prompt.ts";
import { fitPrompt } from "./fit-prompt.ts";

/** Tokens that fit into a request to a model of which nobody said how many do. */
const ASSUMED_CONTEXT = 128_000;
/** Tokens kept for an answer without a limit, and the share of the context that an answer is given at most. */
const USUAL_ANSWER = 4_096;
const SHARE_OF_ANSWER = 0.5;
/** A schema travels beside the prompt, where nothing of it can be left out: fewer characters a token than any has. */
const SCHEMA_CHARACTERS_A_TOKEN = 2;

/** Changes with the checks of an answer; prompts speak for themselves. */
const POLICY_VERSION = "answer-1";

export type Writing = Readonly<{
  model: Model;
  /** Earlier replies to the same question; without them it is asked anew each time. */
  replies?: ReplySlots | undefined;
  /** Judges the answer where it has to fit a schema. */
  check?: Check | undefined;
}>;

/**
 * One model call, streamed, or what came of the same one a moment ago. Throws a ForerunError when it fails, also after a part of
 * the text: what was streamed is then no answer.
 */
export async function* writeByModel(
  question: AnswerQuestion,
  { model, replies, check }: Writing,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const { clientTools } = question;
  const { request, sources } = await promptFor(question, roomFor(question, model));
  const slot = replies && slotFor(question, request, model, replies);
  const kept = await slot?.find();
  if (kept) yield { kind: "reused", reused: kept.reused };
  const scanner = new CitationScanner(sources.length);
  let text = "";
  for await (const event of kept ? replayed(kept.reply) : model.stream(request, signal)) {
    switch (event.kind) {
      case "text":
        text += event.text;
        yield event;
        for (const number of scanner.push(event.text)) {
          const citation = sources[number - 1];
          if (citation) yield { kind: "citation", citation };
        }
        break;
      case "failed":
        throw event.error;
      case "done": {
        const end = ended(event, { text, clientTools, check, modelCalls: kept ? 0 : 1 });
        if (!kept && !question.early && event.finishReason === "stop") {
          await slot?.keep({ text, model: event.model });
        }
        yield end;
        break;
      }
      default:
        event satisfies never;
    }
  }
}

/** A client runs its tools itself, and may want another call for the same words. */
function slotFor(
  { clientTools, now }: AnswerQuestion,
  request: ModelRequest,
  model: Model,
  replies: ReplySlots,
): ReplySlot | undefined {
  if (clientTools) return undefined;
  return replies({ model: model.name, request, policy: POLICY_VERSION, now, timeZone: "UTC" });
}

/** Tokens that the prompt may take. */
function roomFor(
  { maxInputTokens = Number.POSITIVE_INFINITY, maxOutputTokens, responseSchema }: AnswerQuestion,
  { contextTokens = ASSUMED_CONTEXT }: Model,
): number {
  const answer = Math.min(maxOutputTokens ?? USUAL_ANSWER, Math.floor(contextTokens * SHARE_OF_ANSWER));
  const schema = responseSchema === undefined ? 0 : JSON.stringify(responseSchema).length;
  return Math.min(contextTokens - answer, maxInputTokens) - Math.ceil(schema / SCHEMA_CHARACTERS_A_TOKEN);
}

async function promptFor(
  question: AnswerQuestion,
  tokens: number,
): Promise<{ request: ModelRequest; sources: readonly Citation[] }> {
  const { clientTools, maxOutputTokens, responseSchema: schema } = question;
  const options = {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(schema !== undefined && { responseSchema: { name: "answer", schema } }),
  };
  if (clientTools) {
    const { messages } = await fitPrompt((room) => clientPrompt(clientTools, room), tokens);
    return { request: { ...options, messages, tools: toolsOf(clientTools) }, sources: [] };
  }
  const { messages, sources } = await fitPrompt((room) => answerPrompt(question, room), tokens);
  // Brackets with numbers in JSON are arrays.
  return { request: { ...options, messages }, sources: schema === undefined ? sources : [] };
}

function toolsOf({ tools, choice, single }: ClientTools): NonNullable<ModelRequest["tools"]> {
  return { list: tools, choice, single };
}

type Written = {
  text: string;
  clientTools: ClientTools | undefined;
  check: Check | undefined;
  modelCalls: number;
};

/** The end of an answer, once it is seen to be one. What a limit or a filter cut is not judged: it says itself that it is not whole. */
function ended(event: Extract<ModelEvent, { kind: "done" }>, written: Written): AnswerEvent {
  const { text, clientTools, check, modelCalls } = written;
  const { finishReason: finish, model } = event;
  const calls = clientTools && finish === "stop" ? clientCalls(event.toolCalls ?? [], clientTools) : [];
  if (finish === "stop" && calls.length === 0) {
    if (text.trim() === "") throw emptyAnswer();
    const problem = check && problemOf(text, check);
    if (problem !== undefined) throw offSchema(problem);
  }
  return { kind: "done", finish, usage: { modelCalls, ...event.usage }, model, clientCalls: calls };
}

function problemOf(text: string, check: Check): string | undefined {
  try {
    return check(JSON.parse(text));
  } catch {
    return "it is not JSON";
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

function offSchema(problem: string): ForerunError {
  return new ForerunError(
    "FR-E1532",
    "unavailable",
    `The model's answer does not fit the response schema: ${problem}.`,
    "Try again; if it goes on, make the schema simpler or use a model that keeps to schemas.",
  );
}
