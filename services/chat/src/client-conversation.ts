import type { ToolChoice } from "./collaborators.ts";
import type { ClientMessage, ClientTools } from "./turn.ts";

/**
 * What keeps a conversation with a client's tools from being one, in words; undefined when it holds together: each call is followed
 * by its result, each result follows its call, and the last word is not the assistant's.
 */
export function conversationFault(client: ClientTools, choice: ToolChoice): string | undefined {
  return toolFault(client, choice) ?? messagesFault(client.messages);
}

function toolFault({ tools, requiredTool }: ClientTools, choice: ToolChoice): string | undefined {
  const names = new Set<string>();
  for (const { name } of tools) {
    if (names.has(name)) return `tools: two are named "${name}"`;
    names.add(name);
  }
  if (requiredTool !== "" && !names.has(requiredTool)) {
    return `required_tool: "${requiredTool}" is not among the tools`;
  }
  if (choice === "required" && names.size === 0)
    return "tool_choice: a call is required, and there are no tools";
  return undefined;
}

function messagesFault(messages: readonly ClientMessage[]): string | undefined {
  let owed = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const place = `messages[${index}]`;
    const fault = message.role === "tool" ? resultFault(message, owed) : spokenFault(message, owed);
    if (fault) return `${place}: ${fault}`;
    if (message.role === "tool") owed.delete(message.callId);
    else owed = new Set(message.calls.map(({ callId }) => callId));
  }
  const [missing] = owed;
  if (missing !== undefined) return `messages: the call "${missing}" has no result`;
  const last = messages.at(-1)?.role;
  return last === "user" || last === "tool"
    ? undefined
    : "messages: the last one must be a user's or a tool's";
}

function resultFault({ callId, calls }: ClientMessage, owed: ReadonlySet<string>): string | undefined {
  if (calls.length > 0) return "a result asks for no calls";
  return owed.has(callId)
    ? undefined
    : `no call before it is named "${callId}", or it has its result already`;
}

function spokenFault({ role, calls, callId }: ClientMessage, owed: ReadonlySet<string>): string | undefined {
  const [missing] = owed;
  if (missing !== undefined) return `the call "${missing}" has no result before it`;
  if (callId !== "") return "only a tool's message is the result of a call";
  if (calls.length > 0 && role !== "assistant") return "only the assistant asks for calls";
  const ids = new Set(calls.map((call) => call.callId));
  return ids.size < calls.length ? "two calls have one id" : undefined;
}
