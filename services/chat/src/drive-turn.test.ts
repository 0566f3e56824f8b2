import { describe, expect, it } from "vitest";
import type { AnswerQuestion, ToolStep } from "./collaborators.ts";
import { CollaboratorFault } from "./ending.ts";
import { call, drive, hang, memoryLog, ONE_CALL, routing } from "./fixtures/driven-turn.ts";
import { NO_USAGE, type Snippet } from "./turn.ts";

describe("a driven turn", () => {
  it("records acceptance, decision, tools and text in order and ends completed", async () => {
    const { turn, log, marks } = await drive(routing([call("c1")]));
    expect(log.kinds()).toEqual([
      "turnCreated",
      "turnInProgress",
      "routeDecided",
      "toolCallStarted",
      "toolCallOutput",
      "outputTextDelta",
      "outputTextDelta",
      "outputTextDone",
      "usageUpdated",
    ]);
    expect(turn).toMatchObject({ state: "completed", text: "It is 408." });
    expect(turn?.toolCalls).toMatchObject([
      { outcome: "committed", output: { value: 408 }, rendered: "It is 408." },
    ]);
    expect(log.finished).toHaveLength(1);
    expect(marks).toEqual(["decidedMs", "firstTextMs", "firstTextMs"]);
  });

  it("adds up the usage of router and answer and leaves the answer what the router has not used", async () => {
    const asked: AnswerQuestion[] = [];
    const { turn } = await drive({
      async *generate(question) {
        asked.push(question);
        yield { kind: "done", finish: "stop", usage: ONE_CALL };
      },
    });
    expect(turn?.usage).toMatchObject({ modelCalls: 2, inputTokens: 20, outputTokens: 10 });
    expect(asked[0]?.maxModelCalls).toBe(1);
  });

  it("runs calls side by side", async () => {
    let running = 0;
    let most = 0;
    let bothStarted = () => {};
    const together = new Promise<void>((resolve) => {
      bothStarted = resolve;
    });
    const { turn } = await drive({
      ...routing([call("c1"), call("c2")]),
      async *execute(): AsyncGenerator<ToolStep> {
        running += 1;
        most = Math.max(most, running);
        if (running === 2) bothStarted();
        await together;
        running -= 1;
        yield { kind: "result", output: 1, rendered: "", truncated: false };
      },
    });
    expect(most).toBe(2);
    expect(turn?.toolCalls.map(({ outcome }) => outcome)).toEqual(["committed", "committed"]);
  });

  it("answers although a tool failed, and hands the failure to the answer", async () => {
    const asked: AnswerQuestion[] = [];
    const { turn, log } = await drive({
      ...routing([call("c1")]),
      async *execute() {
        yield { kind: "failure", code: "timeout", message: "the tool took longer than 2 s" };
      },
      async *generate(question) {
        asked.push(question);
        yield { kind: "text", text: "The tool did not answer." };
        yield { kind: "done", finish: "stop", usage: NO_USAGE };
      },
    });
    expect(turn?.state).toBe("completed");
    expect(log.kinds()).toContain("toolCallFailed");
    expect(asked[0]?.toolCalls[0]).toMatchObject({ outcome: "failed", errorCode: "timeout" });
  });

  it("refuses a call over the limit with a reason and runs the rest", async () => {
    const ran: string[] = [];
    const { turn, log } = await drive(
      {
        ...routing([call("c1"), call("c2")]),
        async *execute({ callId }) {
          ran.push(callId);
          yield { kind: "result", output: 1, rendered: "", truncated: false };
        },
      },
      { limits: { maxToolCalls: 1 } },
    );
    expect(ran).toEqual(["c1"]);
    expect(log.kinds()).toContain("toolCallDenied");
    expect(turn?.toolCalls.find(({ call }) => call.callId === "c2")).toMatchObject({
      outcome: "denied",
      errorCode: "limit",
    });
  });

  it("takes a price that begins with a dollar sign for what it is", async () => {
    const { turn } = await drive(routing([call("c1", { text: "$100", other: "$c" })]));
    expect(turn?.toolCalls[0]?.outcome).toBe("committed");
  });

  it("records what was found and hands it to the answer", async () => {
    const source = { documentId: "d1", title: "T", uri: "u", page: 0, start: 0, end: 4, quote: "text" };
    const found: Snippet = { source, score: 1, headings: [] };
    const asked: AnswerQuestion[] = [];
    const { log } = await drive({
      search: async () => [found],
      async *generate(question) {
        asked.push(question);
        yield { kind: "citation", citation: source };
        yield { kind: "done", finish: "stop", usage: NO_USAGE };
      },
    });
    expect(asked[0]?.snippets).toEqual([found]);
    expect(log.kinds()).toContain("memoryRetrieved");
    expect(log.finished[0]?.citations).toEqual([source]);
  });

  it("goes on without retrieval when it fails", async () => {
    const { turn } = await drive({ search: () => Promise.reject(new Error("down")) });
    expect(turn?.state).toBe("completed");
  });

  it.each([
    ["max_tokens", { state: "incomplete", reason: "max_tokens" }],
    ["content_filter", { state: "incomplete", reason: "guardrail" }],
  ] as const)("ends incomplete when the model stopped for %s", async (finish, ending) => {
    const { turn } = await drive({
      async *generate() {
        yield { kind: "text", text: "so far" };
        yield { kind: "done", finish, usage: NO_USAGE };
      },
    });
    expect(turn).toMatchObject(ending);
  });
});

describe("a turn that cannot go on", () => {
  it("fails retryably when a service is down", async () => {
    const { turn, log } = await drive({
      // biome-ignore lint/correctness/useYield: a stream that fails before its first message
      async *route() {
        throw new CollaboratorFault("router", "unavailable", {
          page: "FR-E1501",
          cause: new Error("refused"),
        });
      },
    });
    expect(turn).toMatchObject({
      state: "failed",
      errorCode: "unavailable",
      reason: "FR-E1501",
      retryable: true,
    });
    expect(log.finished).toHaveLength(1);
  });

  it("fails when a stream ends without its last message", async () => {
    const { turn } = await drive({ async *generate() {} });
    expect(turn).toMatchObject({ state: "failed", errorCode: "internal", retryable: false });
  });

  it("ends cancelled by the user and records the tools that were stopped", async () => {
    const stop = new AbortController();
    const { turn, log } = await drive(
      {
        ...routing([call("c1"), call("c2")]),
        // biome-ignore lint/correctness/useYield: a tool that hangs
        async *execute({ callId }, _turnId, { signal }) {
          if (callId === "c2") stop.abort("user");
          await hang(signal);
        },
      },
      { stop: stop.signal },
    );
    expect(turn).toMatchObject({ state: "cancelled", reason: "user" });
    expect(turn?.toolCalls.map(({ outcome }) => outcome)).toEqual(["cancelled", "cancelled"]);
    expect(log.kinds().filter((kind) => kind === "toolCallCancelled")).toHaveLength(2);
  });

  it("fails at its deadline while there is no text, and stops its services", async () => {
    let stopped = false;
    const { turn } = await drive(
      {
        async *route(_question, { signal }) {
          await hang(signal).catch((fault: unknown) => {
            stopped = true;
            throw fault;
          });
        },
      },
      { deadlineMs: 30 },
    );
    expect(turn).toMatchObject({ state: "failed", errorCode: "deadline_exceeded", retryable: true });
    expect(stopped).toBe(true);
  });

  it("keeps the text it has when the deadline cuts it", async () => {
    const { turn } = await drive(
      {
        async *generate(_question, { signal }) {
          yield { kind: "text", text: "so far" };
          await hang(signal);
        },
      },
      { deadlineMs: 60 },
    );
    expect(turn).toMatchObject({ state: "incomplete", reason: "deadline", text: "so far" });
  });

  it("writes nothing more once it is fenced", async () => {
    let appends = 0;
    const log = memoryLog(() => (++appends > 2 ? "fenced" : "durable"));
    const { turn } = await drive(routing([call("c1")]), { log });
    expect(turn).toBeUndefined();
    expect(log.finished).toEqual([]);
  });
});
