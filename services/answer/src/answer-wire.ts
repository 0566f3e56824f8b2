import { type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type GenerateRequest,
  type GenerateResponseSchema,
  FinishReason as WireFinish,
} from "@forerun/contracts/forerun/answer/v1/answer_pb";
import {
  Outcome,
  type ToolCallRecord,
  ToolChoice,
  type Citation as WireCitation,
  type Snippet as WireSnippet,
} from "@forerun/contracts/forerun/common/v1/common_pb";
import type {
  AnswerEvent,
  AnswerQuestion,
  Citation,
  ClientTools,
  FinishReason,
  Json,
  JsonObject,
  Snippet,
  ToolResult,
} from "./answer.ts";

const ACTIONS = new Map(
  (["answer", "call", "clarify", "refuse"] as const).map((action) => [action as string, action]),
);

const ROLES = new Map(
  (["system", "user", "assistant", "tool"] as const).map((role) => [role as string, role]),
);

const CHOICES = new Map([
  [ToolChoice.NONE as ToolChoice, "none" as const],
  [ToolChoice.REQUIRED, "required" as const],
]);

const NO_PARAMETERS = { type: "object", properties: {} };

const FINISH: Readonly<Record<FinishReason, WireFinish>> = {
  stop: WireFinish.STOP,
  max_tokens: WireFinish.MAX_TOKENS,
  content_filter: WireFinish.CONTENT_FILTER,
};

export function questionFromWire(request: GenerateRequest): AnswerQuestion {
  const { text, history, decision, toolCalls, snippets, maxOutputTokens, maxModelCalls, now } = request;
  return {
    text,
    history: history.map(({ role, content }) => ({ role: role === "assistant" ? role : "user", content })),
    action: ACTIONS.get(decision?.action ?? "") ?? "answer",
    decidedText: decision?.text ?? "",
    candidates: decision?.candidates.map(({ name }) => name) ?? [],
    results: toolCalls.flatMap(resultFromWire),
    snippets: snippets.flatMap(snippetFromWire),
    maxOutputTokens: maxOutputTokens > 0 ? maxOutputTokens : undefined,
    maxInputTokens: request.maxInputTokens > 0 ? request.maxInputTokens : undefined,
    maxModelCalls,
    now,
    early: request.early,
    responseSchema: request.responseSchema as JsonObject | undefined,
    clientTools: clientToolsFromWire(request),
  };
}

export function eventToWire(event: AnswerEvent): MessageInitShape<typeof GenerateResponseSchema> {
  switch (event.kind) {
    case "text":
      return { event: { case: "textDelta", value: { text: event.text } } };
    case "citation":
      return { event: { case: "citation", value: event.citation } };
    case "reused":
      return { event: { case: "reused", value: { ...event.reused } } };
    case "done": {
      const { finish, usage, model, clientCalls } = event;
      return {
        event: {
          case: "done",
          value: {
            finishReason: FINISH[finish],
            usage: { ...usage },
            model,
            clientCalls: clientCalls.map((call) => ({ ...call })),
          },
        },
      };
    }
    default:
      return event satisfies never;
  }
}

function clientToolsFromWire({ clientTools, toolChoice }: GenerateRequest): ClientTools | undefined {
  if (!clientTools) return undefined;
  const { tools, messages, requiredTool, singleCall } = clientTools;
  const mode = CHOICES.get(toolChoice) ?? "auto";
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      description,
      parameters: (parameters ?? NO_PARAMETERS) as JsonObject,
    })),
    messages: messages.map(({ role, content, calls, callId }) => ({
      role: ROLES.get(role) ?? "user",
      content,
      calls: calls.map((call) => ({ callId: call.callId, name: call.name, arguments: call.arguments })),
      callId,
    })),
    choice: requiredTool === "" ? mode : { name: requiredTool },
    single: singleCall,
  };
}

/** Early calls that turned out wrong are no part of the answer, and neither is what has not ended. */
function resultFromWire(record: ToolCallRecord): ToolResult[] {
  const outcome = outcomeFromWire(record.outcome);
  if (outcome === undefined || record.call === undefined) return [];
  return [
    {
      name: record.call.name,
      arguments: (record.call.arguments ?? {}) as Json,
      outcome,
      output: outcome === "ok" && record.output ? (toJson(ValueSchema, record.output) as Json) : undefined,
      rendered: record.rendered,
      problem: record.errorMessage,
      truncated: record.truncated,
    },
  ];
}

function outcomeFromWire(outcome: Outcome): ToolResult["outcome"] | undefined {
  switch (outcome) {
    case Outcome.COMMITTED:
    case Outcome.HIT:
    case Outcome.LATE:
      return "ok";
    case Outcome.FAILED:
      return "failed";
    case Outcome.DENIED:
      return "denied";
    case Outcome.CANCELLED:
      return "stopped";
    default:
      return undefined;
  }
}

function snippetFromWire({ source, headings }: WireSnippet): Snippet[] {
  return source === undefined ? [] : [{ source: citationFromWire(source), headings }];
}

function citationFromWire({ documentId, title, uri, page, start, end, quote }: WireCitation): Citation {
  return { documentId, title, uri, page, start, end, quote };
}
