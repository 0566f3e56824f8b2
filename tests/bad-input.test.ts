/** Requests that cannot be served: each is refused with a code, its cause and a fix, and leaves nothing behind. */
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { openDoors } from "./support/chat-doors.ts";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { type GrpcDoor, openGrpcDoor } from "./support/grpc-door.ts";
import { postChat, postConnect, postConnectStream } from "./support/http-door.ts";
import { answerOf, expectRefused, type Outcome, type Refusal } from "./support/outcome.ts";
import { scenario } from "./support/scenario.ts";
import { expectStillRight } from "./support/still-right.ts";

const CHAT = "forerun.chat.v1.ChatService";
const NOWHERE = "01890000-0000-7000-8000-000000000000";
const MESSAGE_BYTES = 262_144;

let forerun: RunningForerun;
let grpc: GrpcDoor;

beforeAll(async () => {
  forerun = await startForerun();
  grpc = openGrpcDoor(forerun.ready.grpc);
});

afterAll(async () => {
  grpc[Symbol.dispose]();
  await forerun[Symbol.asyncDispose]();
});

const connect = (method: string, body: object | Uint8Array) =>
  postConnect(forerun.ready.http, `${CHAT}/${method}`, body);

type Try = readonly [what: string, send: () => Promise<Outcome<unknown>>, expected: Partial<Refusal>];

/** Runs every try, and says which one went otherwise. */
async function expectAllRefused(tries: readonly Try[]): Promise<void> {
  for (const [what, send, expected] of tries) {
    const outcome = await send();
    expect([what, outcome]).toEqual([what, expect.objectContaining(expected)]);
    expectRefused(outcome, expected);
  }
}

async function conversations(): Promise<number> {
  const page = answerOf(await grpc.call(ChatService.method.listConversations, { pageSize: 500 }));
  return page.conversations.length;
}

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

describe("a bad request", () => {
  scenario("input.refused", async () => {
    const before = await conversations();
    const malformed = { status: "invalid_argument", code: "FR-E1305" };
    const bytes = (text: string) => Buffer.from(text, "latin1");
    const chat = (text: string) => () => postChat(forerun.ready.http, bytes(text));
    const ask = (text: string) => () => connect("Ask", bytes(text));
    const raw =
      (...body: number[]) =>
      () =>
        grpc.send(ChatService.method.ask, Uint8Array.from(body));
    await expectAllRefused([
      ["malformed JSON to /chat", chat('{"text":"hi"'), { ...malformed, http: 400 }],
      ["malformed JSON to Connect", ask('{"input":{"text":"hi"}'), { ...malformed, http: 400 }],
      ["invalid UTF-8 to /chat", chat('{"text":"\xff"}'), { ...malformed, http: 400 }],
      ["invalid UTF-8 to Connect", ask('{"input":{"text":"\xff"}}'), { ...malformed, http: 400 }],
      // Field 1, input, of five bytes: field 2, text, of three bytes that no UTF-8 text holds.
      ["invalid UTF-8 to gRPC", raw(0x0a, 0x05, 0x12, 0x03, 0x61, 0xff, 0xfe), malformed],
      ["half a message to gRPC", raw(0x0a, 0x05, 0x12), malformed],
      ["65 levels to /chat", chat(`{"later":${nested(64)}}`), { ...malformed, http: 400 }],
      ["65 levels to Connect", ask(`{"later":${nested(64)}}`), { ...malformed, http: 400 }],
      ["64 levels to Connect", ask(`{"later":${nested(63)}}`), { code: "FR-E1301", http: 400 }],
    ]);
    expect(await conversations()).toBe(before);
  });

  scenario("input.refused", async () => {
    const before = await conversations();
    const text = "é".repeat(MESSAGE_BYTES / 2);
    for (const { name, ask } of openDoors(forerun.ready.http, grpc)) {
      const turn = answerOf(await ask({ text }));
      expect([name, turn.state]).toEqual([name, "TURN_STATE_COMPLETED"]);
      const request = { conversationId: turn.conversation_id };
      const { messages } = answerOf(await grpc.call(ChatService.method.listMessages, request));
      expect(messages[0]?.text === text).toBe(true);
      const http = { "/chat": 413, Connect: 429, gRPC: undefined }[name];
      expectRefused(await ask({ text: `${text}x` }), {
        status: "resource_exhausted",
        code: "FR-E1707",
        http,
      });
      expectRefused(await ask({ text: "a\0b" }), { status: "invalid_argument", code: "FR-E1301" });
    }
    expect(await conversations()).toBe(before + 3);
  });

  scenario("input.refused", async () => {
    const field = { status: "invalid_argument", code: "FR-E1301" };
    const { getTurn, cancelTurn, deleteConversation } = ChatService.method;
    const byTurn = (turnId: string) => [
      () => grpc.call(getTurn, { turnId }),
      () => grpc.call(cancelTurn, { turnId }),
      () => grpc.stream(ChatService.method.streamTurn, { turnId }),
      () => connect("GetTurn", { turn_id: turnId }),
    ];
    const byConversation = (conversation_id: string) => [
      () => connect("GetConversation", { conversation_id }),
      () => connect("UpdateConversation", { conversation_id, title: "t" }),
      () => connect("ListMessages", { conversation_id }),
      () => connect("ListTurns", { conversation_id }),
      () => connect("Ask", { input: { conversation_id, text: "hi" } }),
      () => postChat(forerun.ready.http, { conversation_id, text: "hi" }),
      () => grpc.call(deleteConversation, { conversationId: conversation_id }),
    ];
    const byDocument = (documentId: string) => [
      () => grpc.call(MemoryService.method.getDocument, { documentId }),
      () => grpc.call(MemoryService.method.deleteDocument, { documentId }),
    ];
    const tries = (sends: (() => Promise<Outcome<unknown>>)[], expected: Partial<Refusal>): Try[] =>
      sends.map((send, at) => [`${expected.code} ${at}`, send, expected]);
    await expectAllRefused([
      ...tries(byTurn(NOWHERE), { status: "not_found", code: "FR-E1702" }),
      ...tries(byConversation(NOWHERE), { status: "not_found", code: "FR-E1701" }),
      ...tries(byDocument(NOWHERE), { status: "not_found", code: "FR-E1604" }),
      ...tries(byTurn("nonsense"), field),
      ...tries(byConversation("../etc"), field),
      ...tries(byDocument("nonsense"), field),
    ]);
  });

  scenario("input.refused", async () => {
    const token = { status: "invalid_argument", code: "FR-E1705" };
    // An id where a time belongs.
    const theirs = Buffer.from(`i${NOWHERE}`).toString("base64url");
    const { listConversations, listTurns, listMessages } = ChatService.method;
    const { conversationId } =
      answerOf(await grpc.call(ChatService.method.createConversation, {})).conversation ?? {};
    const tries = ["nonsense", "\u{1F600}", "x".repeat(512)].flatMap((pageToken): Try[] => [
      ["conversations", () => grpc.call(listConversations, { pageToken }), token],
      ["turns", () => grpc.call(listTurns, { pageToken }), token],
      ["messages", () => grpc.call(listMessages, { conversationId: conversationId ?? "", pageToken }), token],
      ["documents", () => grpc.call(MemoryService.method.listDocuments, { pageToken }), token],
    ]);
    await expectAllRefused([
      ...tries,
      ["another list's", () => grpc.call(listConversations, { pageToken: theirs }), token],
      ["too large a page", () => grpc.call(listTurns, { pageSize: 501 }), { code: "FR-E1301" }],
    ]);
  });

  scenario("input.refused", async () => {
    const turnId = answerOf(await postChat<{ turn_id: string }>(forerun.ready.http, { text: "2+2" })).turn_id;
    const past = { turnId, epoch: 1, afterSequence: 1_000 };
    const again = { text: "hi", idempotency_key: "k" };
    answerOf(await postChat(forerun.ready.http, again));
    await expectAllRefused([
      [
        "a cursor past the end",
        () => grpc.stream(ChatService.method.streamTurn, past),
        { status: "out_of_range", code: "FR-E1706" },
      ],
      [
        "a key used for another request",
        () => postChat(forerun.ready.http, { ...again, text: "ho" }),
        { status: "already_exists", code: "FR-E1704", http: 409 },
      ],
      [
        "an unknown tool by name",
        () => grpc.call(ToolService.method.getTool, { name: "no_such_tool" }),
        { status: "not_found", code: "FR-E1406" },
      ],
    ]);
  });
});

describe("a call that no tool can run", () => {
  type Event = { accepted?: object; failure?: { code: string; message: string } };
  const EXECUTE = "forerun.tool.v1.ToolService/Execute";

  scenario("input.tools", async () => {
    const failures: [name: string, args: object, code: string, says: RegExp][] = [
      ["calculater", {}, "unknown_tool", /Did you mean "calculator"\?/],
      ["calculator", {}, "invalid_arguments", /"expression" is missing/],
      ["calculator", { expression: 17 }, "invalid_arguments", /"expression" must be string/],
      ["calculator", { expression: "1", expr: "2" }, "invalid_arguments", /"expr" is not known/],
    ];
    for (const [name, args, code, says] of failures) {
      const call = { call_id: "c", name, arguments: args };
      const events = answerOf(await postConnectStream<Event>(forerun.ready.http, EXECUTE, { call }));
      // Never accepted: nothing has run.
      expect(events).toEqual([
        { failure: expect.objectContaining({ code, message: expect.stringMatching(says) }) },
      ]);
      const { execute } = ToolService.method;
      const overGrpc = answerOf(await grpc.stream(execute, fromJson(execute.input, { call } as JsonObject)));
      expect(overGrpc.map(({ event }) => event.case)).toEqual(["failure"]);
    }
    await expectStillRight(forerun.ready.http);
  });
});
