import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  DisconnectPolicy,
  type TurnInput,
  TurnInputSchema,
} from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { CompletionRequest } from "./completion-request.ts";
import { refuse } from "./refusal.ts";

/**
 * A completion is one turn of a new conversation: the last message is its text, the ones before are its history. Instructions
 * (system, developer) go in as the user's first message, since a turn knows no third role. Nobody can attach to a completion
 * again, so the turn ends with its client.
 */
export function completionTurn(request: CompletionRequest, idempotencyKey: string): TurnInput {
  const last = request.messages.at(-1);
  if (last?.role !== "user") {
    throw refuse("the last message must come from the user", `messages[${request.messages.length - 1}].role`);
  }
  const input: MessageInitShape<typeof TurnInputSchema> = {
    text: textOf(last),
    history: history(request.messages.slice(0, -1)),
    idempotencyKey,
    disconnectPolicy: DisconnectPolicy.CANCEL,
    toolChoice: request.tool_choice === "none" ? ToolChoice.NONE : ToolChoice.AUTO,
  };
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens;
  return create(TurnInputSchema, { ...input, ...(maxOutputTokens && { limits: { maxOutputTokens } }) });
}

type ChatMessage = CompletionRequest["messages"][number];

function history(messages: readonly ChatMessage[]): { role: string; content: string }[] {
  const instructions = messages.filter(isInstruction).map(textOf).join("\n\n");
  const spoken = messages
    .filter((message) => !isInstruction(message))
    .map((message) => ({ role: message.role, content: textOf(message) }));
  return instructions ? [{ role: "user", content: instructions }, ...spoken] : spoken;
}

function isInstruction({ role }: ChatMessage): boolean {
  return role === "system" || role === "developer";
}

function textOf({ content }: ChatMessage): string {
  return typeof content === "string" ? content : content.map((part) => part.text).join("");
}
