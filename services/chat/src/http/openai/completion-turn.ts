import { create, type JsonObject } from "@bufbuild/protobuf";
import {
  DisconnectPolicy,
  type TurnInput,
  TurnInputSchema,
} from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";
import { bringsTools, clientTurn } from "./client-tools.ts";
import { type CompletionMessage, isInstruction, textOf } from "./completion-messages.ts";
import type { CompletionRequest } from "./completion-request.ts";
import { refuse } from "./refusal.ts";

/**
 * A completion is one turn of a new conversation. Nobody can attach to a completion again, so the turn ends with its client. With
 * tools of its own the client hands in the whole conversation; else the last message is the turn's text, and this server's tools
 * are used.
 */
export function completionTurn(request: CompletionRequest, idempotencyKey: string): TurnInput {
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens;
  const responseSchema = schemaOf(request.response_format);
  return create(TurnInputSchema, {
    ...(bringsTools(request) ? clientTurn(request) : serverTurn(request)),
    idempotencyKey,
    disconnectPolicy: DisconnectPolicy.CANCEL,
    ...(responseSchema && { responseSchema }),
    ...(maxOutputTokens && { limits: { maxOutputTokens } }),
  });
}

/** Instructions (system, developer) go in as the user's first message, since a turn of this server knows no third role. */
function serverTurn({ messages, tool_choice }: CompletionRequest) {
  const last = messages.at(-1);
  if (last?.role !== "user") {
    throw refuse("the last message must come from the user", `messages[${messages.length - 1}].role`);
  }
  if (tool_choice != null && tool_choice !== "none" && tool_choice !== "auto") {
    throw refuse("there are no tools to choose from", "tool_choice");
  }
  return {
    text: textOf(last),
    history: history(messages.slice(0, -1)),
    toolChoice: tool_choice === "none" ? ToolChoice.NONE : ToolChoice.AUTO,
  };
}

function schemaOf(format: CompletionRequest["response_format"]): JsonObject | undefined {
  if (format?.type === "json_schema") return format.json_schema.schema;
  return format?.type === "json_object" ? { type: "object" } : undefined;
}

function history(messages: readonly CompletionMessage[]): { role: string; content: string }[] {
  const instructions = messages.filter(isInstruction).map(textOf).join("\n\n");
  const spoken = messages
    .filter((message) => !isInstruction(message))
    .map((message) => ({ role: message.role, content: textOf(message) }));
  return instructions ? [{ role: "user", content: instructions }, ...spoken] : spoken;
}
