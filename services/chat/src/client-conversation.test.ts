import { describe, expect, it } from "vitest";
import { conversationFault } from "./client-conversation.ts";
import type { ClientMessage, ClientTools } from "./turn.ts";

const user: ClientMessage = { role: "user", content: "Hi", calls: [], callId: "" };
const said: ClientMessage = { ...user, role: "assistant" };
const asks = (...ids: string[]): ClientMessage => ({
  ...said,
  calls: ids.map((callId) => ({ callId, name: "f", arguments: "{}" })),
});
const result = (callId: string): ClientMessage => ({ ...user, role: "tool", callId });

const TOOL = { name: "f", description: "", parameters: {} };
const withMessages = (...messages: ClientMessage[]): ClientTools => ({
  tools: [TOOL],
  messages,
  requiredTool: "",
  singleCall: false,
});

describe("a conversation with a client's tools holds together", () => {
  it.each<[string, ClientMessage[]]>([
    ["with a question alone", [user]],
    ["with instructions first", [{ ...user, role: "system" }, user]],
    ["with results in any order", [user, asks("a", "b"), result("b"), result("a")]],
    [
      "over several rounds that use one id",
      [user, asks("a"), result("a"), asks("a"), result("a"), said, user],
    ],
  ])("%s", (_, messages) => {
    expect(conversationFault(withMessages(...messages), "auto")).toBeUndefined();
  });
});

describe("it does not", () => {
  it.each<[string, ClientMessage[], string]>([
    ["when a call has no result", [user, asks("a", "b"), result("a"), user], '"b" has no result'],
    ["when the last call has none", [user, asks("a")], '"a" has no result'],
    ["when a result has no call", [user, result("x")], 'messages[1]: no call before it is named "x"'],
    ["when a result comes twice", [user, asks("a"), result("a"), result("a")], "has its result already"],
    ["when two calls have one id", [user, asks("a", "a"), result("a")], "two calls have one id"],
    ["when the assistant had the last word", [user, said], "the last one must be"],
    ["when the user asks for calls", [{ ...user, calls: asks("a").calls }], "only the assistant"],
    ["when the user brings a result", [{ ...user, callId: "a" }], "only a tool's message"],
  ])("%s", (_, messages, fault) => {
    expect(conversationFault(withMessages(...messages), "auto")).toContain(fault);
  });

  it("when its tools cannot be told apart, or the one that is required is missing", () => {
    const talk = withMessages(user);
    expect(conversationFault({ ...talk, tools: [TOOL, TOOL] }, "auto")).toContain('two are named "f"');
    expect(conversationFault({ ...talk, requiredTool: "g" }, "auto")).toContain('"g" is not among');
    expect(conversationFault({ ...talk, tools: [] }, "required")).toContain("there are no tools");
  });
});
