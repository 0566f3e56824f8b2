import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { deferred } from "@forerun/rpc/deferred";
import { describe, expect, it } from "vitest";
import { recordingTerminal, serveConnect } from "../fixtures.ts";
import { runTurn } from "../turn-events.ts";
import { chat } from "./chat.ts";

const TURN_ID = "0193a1b2-c3d4-7000-8000-000000000001";
const BINARY = fileURLToPath(new URL("../../bin/forerun.mjs", import.meta.url));
const never = new AbortController().signal;

function event(
  sequence: number,
  body: NonNullable<MessageInitShape<typeof TurnEventSchema>["event"]>,
): TurnEvent {
  return create(TurnEventSchema, { turnId: TURN_ID, sequence, epoch: 1, event: body });
}

const created = event(1, { case: "turnCreated", value: { turn: { turnId: TURN_ID } } });
const delta = (sequence: number, words: string) =>
  event(sequence, { case: "outputTextDelta", value: { text: words } });
const completed = (sequence: number) =>
  event(sequence, {
    case: "turnCompleted",
    value: { turn: { turnId: TURN_ID, state: TurnState.COMPLETED, text: "408." } },
  });

/** Answers a chat with these events; with a fault at the end where one is given. */
function answering(events: readonly TurnEvent[], fault?: ConnectError) {
  return async function* () {
    for (const one of events) yield { event: one };
    if (fault) throw fault;
  };
}

async function ask(output: "text" | "json" | "jsonl", events: readonly TurnEvent[]) {
  await using server = await serveConnect((router: ConnectRouter) => {
    router.service(ChatService, { chat: answering(events) });
  });
  const { terminal, stdout, stderr } = recordingTerminal();
  const input = { text: "17% of 2400", conversation: undefined, output, speculation: true };
  const code = await chat(input, { env: { FORERUN_URL: server.url }, terminal, interrupt: never });
  return { code, stdout: stdout(), stderr: stderr() };
}

describe("chat", () => {
  it("writes the answer and nothing else to stdout, tools and sources to stderr", async () => {
    const record = { call: { callId: "c1", name: "calculator", arguments: { expression: "17% of 2400" } } };
    const { code, stdout, stderr } = await ask("text", [
      created,
      event(2, { case: "toolCallOutput", value: { record: { ...record, rendered: "408", outcome: 1 } } }),
      delta(3, "It is "),
      delta(4, "408."),
      event(5, {
        case: "outputTextAnnotationAdded",
        value: { citation: { title: "Sums", uri: "file:///s" } },
      }),
      completed(6),
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "It is 408.\n" });
    expect(stderr).toContain("calculator");
    expect(stderr).toContain("[1] Sums  file:///s");
    expect(stderr.trimEnd().split("\n").at(-1)).toBe("Next  npx forerun turn show last");
  });

  it("prints the turn as JSON with proto field names, defaults included", async () => {
    const { stdout } = await ask("json", [created, delta(2, "408."), completed(3)]);
    expect(JSON.parse(stdout)).toMatchObject({
      turn_id: TURN_ID,
      state: "TURN_STATE_COMPLETED",
      text: "408.",
      tool_calls: [],
      retryable: false,
    });
  });

  it("prints events as JSON lines, without heartbeats", async () => {
    const heartbeat = event(0, { case: "heartbeat", value: {} });
    const { stdout } = await ask("jsonl", [created, heartbeat, delta(2, "408."), completed(3)]);
    const sequences = stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { sequence: number }).sequence);
    expect(sequences).toEqual([1, 2, 3]);
  });

  it.each([
    [TurnState.FAILED, "", 1],
    [TurnState.INCOMPLETE, "deadline", 6],
    [TurnState.INCOMPLETE, "max_tokens", 1],
  ])("ends with its own exit code for state %d (%s)", async (state, reason, expected) => {
    const turn = { turnId: TURN_ID, state, reason };
    const { code } = await ask("text", [created, event(2, { case: "turnIncomplete", value: { turn } })]);
    expect(code).toBe(expected);
  });
});

describe("a turn's events", () => {
  it("go on where a connection broke, each once", async () => {
    const asked: { epoch: number; afterSequence: number }[] = [];
    await using server = await serveConnect((router: ConnectRouter) => {
      router.service(ChatService, {
        chat: answering([created, delta(2, "4")], new ConnectError("gone", Code.Unavailable)),
        async *streamTurn({ epoch, afterSequence }) {
          asked.push({ epoch, afterSequence });
          yield* answering([delta(3, "08."), completed(4)])();
        },
      });
    });
    const sequences: number[] = [];
    for await (const { sequence } of runTurn(server.reach, { text: "?" }, never)) sequences.push(sequence);
    expect(sequences).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([{ epoch: 1, afterSequence: 2 }]);
  });

  it("end with the server's error when the turn was never accepted", async () => {
    await using server = await serveConnect((router: ConnectRouter) => {
      router.service(ChatService, { chat: answering([], new ConnectError("busy", Code.FailedPrecondition)) });
    });
    const first = runTurn(server.reach, { text: "?" }, never).next();
    await expect(first).rejects.toMatchObject({ code: Code.FailedPrecondition });
  });
});

describe("Ctrl+C", () => {
  it("cancels the turn on the server, shows its last event and exits with 130", async () => {
    const cancelAsked = deferred<string>();
    await using server = await serveConnect((router: ConnectRouter) => {
      router.service(ChatService, {
        async *chat() {
          yield* answering([created, delta(2, "thinking")])();
          await cancelAsked.promise;
          const turn = { turnId: TURN_ID, state: TurnState.CANCELLED, reason: "user" };
          yield { event: event(3, { case: "turnCancelled", value: { turn } }) };
        },
        cancelTurn({ turnId }) {
          cancelAsked.resolve(turnId);
          return { turn: { turnId } };
        },
      });
    });
    const child = spawn(process.execPath, [BINARY, "chat", "hi"], {
      env: { PATH: process.env.PATH, FORERUN_URL: server.url },
    });
    const said = text(child.stderr);
    const exit = once(child, "exit");
    await once(child.stdout, "data");
    child.kill("SIGINT");
    expect(await cancelAsked.promise).toBe(TURN_ID);
    expect(await exit).toEqual([130, null]);
    expect(await said).toContain("ended early: user");
  });

  it("leaves a server that never answers, with 130", async () => {
    const asked = deferred<void>();
    await using server = await serveConnect((router: ConnectRouter) => {
      router.service(ChatService, {
        async *chat(_request, { signal }) {
          asked.resolve();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        },
      });
    });
    const child = spawn(process.execPath, [BINARY, "chat", "hi"], {
      env: { PATH: process.env.PATH, FORERUN_URL: server.url },
    });
    const exit = once(child, "exit");
    await asked.promise;
    child.kill("SIGTERM");
    expect(await exit).toEqual([130, null]);
  });
});
