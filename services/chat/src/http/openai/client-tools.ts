import { ToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";
import { conversationFault } from "../../client-conversation.ts";
import type { ClientMessage, ClientTools } from "../../turn.ts";
import { type CompletionMessage, textOf } from "./completion-messages.ts";
import type { CompletionRequest } from "./completion-request.ts";
import { refuse } from "./refusal.ts";

/** A request of a client that has tools of its own: it brings some, or what came of them. */
export function bringsTools({ tools, messages }: CompletionRequest): boolean {
  return (tools ?? []).length > 0 || messages.some((message) => message.role === "tool" || hasCalls(message));
}

/**
 * The whole conversation goes to the model, as it is. The turn's text, which a conversation keeps, is what the user said last. Throws a
 * refusal where the conversation does not hold together.
 */
export function clientTurn(request: CompletionRequest) {
  const { messages, tool_choice: choice } = request;
  const required = typeof choice === "object" && choice !== null ? choice.function.name : "";
  const mode = typeof choice === "string" ? choice : "auto";
  const clientTools: ClientTools = {
    tools: (request.tools ?? []).map(({ function: { name, description, parameters } }) => ({
      name,
      description: description ?? "",
      parameters: parameters ?? { type: "object", properties: {} },
    })),
    messages: messages.map(clientMessage),
    requiredTool: required,
    singleCall: request.parallel_tool_calls === false,
  };
  const asked = messages.findLast(({ role }) => role === "user");
  if (!asked) throw refuse("there is no message of the user", "messages");
  const fault = conversationFault(clientTools, mode);
  if (fault) throw faultyConversation(fault);
  return { text: textOf(asked), clientTools, toolChoice: TOOL_CHOICES[mode] };
}

const TOOL_CHOICES = { auto: ToolChoice.AUTO, none: ToolChoice.NONE, required: ToolChoice.REQUIRED };

const ROLES = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
} as const;

function clientMessage(message: CompletionMessage): ClientMessage {
  const calls = hasCalls(message) ? (message.tool_calls ?? []) : [];
  return {
    role: ROLES[message.role],
    content: textOf(message),
    calls: calls.map(({ id, function: { name, arguments: written } }) => ({
      callId: id,
      name,
      arguments: written,
    })),
    callId: message.role === "tool" ? message.tool_call_id : "",
  };
}

function hasCalls(message: CompletionMessage): message is Extract<CompletionMessage, { role: "assistant" }> {
  return message.role === "assistant" && (message.tool_calls ?? []).length > 0;
}

/** A fault begins with the place that it is about. */
function faultyConversation(fault: string): Error {
  const colon = fault.indexOf(": ");
  const place = fault.slice(0, colon);
  return refuse(fault.slice(colon + 2), place === "required_tool" ? "tool_choice" : place);
}
