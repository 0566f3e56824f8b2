import { describe, expect, it } from "vitest";
import type { AnswerQuestion, Drafted, RouteStep, ToolStep } from "./collaborators.ts";
import { call, decision, drive, hang, memoryLog } from "./fixtures/driven-turn.ts";
import { NO_USAGE, type ToolCall } from "./turn.ts";

const RESULT: ToolStep = { kind: "result", output: { value: 408 }, rendered: "It is 408.", truncated: false };

function draft(one: ToolCall, over: Partial<Drafted> = {}): Drafted {
  return {
    kind: "drafted",
    source: "tier0",
    call: one,
    pTool: 0.9,
    pArguments: 0.9,
    mayStartEarly: true,
    costMicros: 0,
    ...over,
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A router that drafts, thinks for a while, and decides. */
function router(drafts: readonly Drafted[], calls: readonly ToolCall[], thinksMs = 20) {
  return async function* (): AsyncGenerator<RouteStep> {
    yield* drafts;
    await wait(thinksMs);
    yield { kind: "decided", decision: decision([...calls]), usage: NO_USAGE };
  };
}

describe("a call that starts before the decision", () => {
  it("is a hit when it is decided for and done, and is not run again", async () => {
    const ran: { callId: string; early: boolean }[] = [];
    const { turn, log } = await drive({
      route: router([draft(call("x", { n: 1 }))], [call("c7", { n: 1 })]),
      async *execute({ callId }, _turnId, _scope, early = false) {
        ran.push({ callId, early });
        yield RESULT;
      },
    });
    expect(ran).toEqual([{ callId: "c1", early: true }]);
    expect(turn?.toolCalls).toMatchObject([
      { call: { callId: "c1" }, early: true, outcome: "hit", output: { value: 408 } },
    ]);
    expect(turn?.decision?.calls).toMatchObject([{ callId: "c1" }]);
    expect(log.kinds().slice(2, 6)).toEqual([
      "toolCallDrafted",
      "toolCallStarted",
      "routeDecided",
      "toolCallOutput",
    ]);
  });

  it("is late when it is decided for and still runs", async () => {
    const { turn } = await drive({
      route: router([draft(call("x"))], [call("c1")], 5),
      async *execute() {
        await wait(40);
        yield RESULT;
      },
    });
    expect(turn?.toolCalls).toMatchObject([{ early: true, outcome: "late", output: { value: 408 } }]);
    expect(turn?.toolCalls[0]?.savedMs).toBeGreaterThan(0);
  });

  it("is a miss when something else is decided, and its result reaches no answer and no log", async () => {
    const asked: AnswerQuestion[] = [];
    const { turn, log } = await drive({
      route: router([draft(call("x", { n: 1 }))], [call("c1", { n: 2 })]),
      async *execute({ arguments: args }) {
        yield { kind: "result", output: `secret ${args.n}`, rendered: `secret ${args.n}`, truncated: false };
      },
      async *generate(question) {
        asked.push(question);
        yield { kind: "done", finish: "stop", usage: NO_USAGE };
      },
    });
    expect(turn?.toolCalls.map(({ outcome, early }) => [outcome, early])).toEqual([
      ["miss", true],
      ["committed", false],
    ]);
    expect(turn?.toolCalls[0]?.wastedMs).toBeGreaterThanOrEqual(0);
    expect(asked[0]?.toolCalls.map(({ rendered }) => rendered)).toEqual(["secret 2"]);
    expect(JSON.stringify([log.written, log.finished])).not.toContain("secret 1");
  });

  it("is stopped at once when something else is decided while it runs", async () => {
    let stoppedAt = Number.POSITIVE_INFINITY;
    const { turn } = await drive({
      route: router([draft(call("x"))], []),
      async *execute(_call, _turnId, { signal }) {
        await hang(signal).finally(() => {
          stoppedAt = performance.now();
        });
      },
    });
    expect(turn?.toolCalls).toMatchObject([{ outcome: "cancelled", early: true }]);
    expect(stoppedAt).toBeLessThan(performance.now());
  });

  it("is told to stop before the decision is in the log", async () => {
    let decided = true;
    const log = memoryLog();
    await drive(
      {
        route: router([draft(call("x"))], []),
        async *execute(_call, _turnId, { signal }) {
          signal.addEventListener("abort", () => {
            decided = log.kinds().includes("routeDecided");
          });
          await hang(signal);
        },
      },
      { log },
    );
    expect(decided).toBe(false);
  });

  it.each([
    ["changes something", { mayStartEarly: false }],
    ["is unlikely", { pTool: 0.3 }],
    ["has doubtful arguments", { pArguments: 0.3 }],
  ])("waits for the decision when it %s", async (_what, over) => {
    const early: boolean[] = [];
    const { turn } = await drive({
      route: router([draft(call("x"), over)], [call("c1")]),
      async *execute(_call, _turnId, _scope, isEarly = false) {
        early.push(isEarly);
        yield RESULT;
      },
    });
    expect(early).toEqual([false]);
    expect(turn?.toolCalls).toMatchObject([{ early: false, outcome: "committed" }]);
  });

  it("never starts when the request says so", async () => {
    const { turn, log } = await drive(
      { route: router([draft(call("x"))], [call("c1")]) },
      { speculation: "off" },
    );
    expect(log.kinds()).not.toContain("toolCallDrafted");
    expect(turn?.toolCalls).toMatchObject([{ early: false, outcome: "committed" }]);
  });

  it("ends with its turn when the router fails", async () => {
    const { turn } = await drive({
      async *route() {
        yield draft(call("x"));
        throw new Error("the router broke");
      },
      // biome-ignore lint/correctness/useYield: a tool that hangs
      async *execute(_call, _turnId, { signal }) {
        await hang(signal);
      },
    });
    expect(turn).toMatchObject({ state: "failed", toolCalls: [{ outcome: "cancelled", early: true }] });
  });
});

describe("a call that the model has written before its decision is whole", () => {
  const written = { source: "decision", pTool: 1, pArguments: 1 } as const;
  const tools = (ran: string[]) =>
    async function* (
      one: ToolCall,
      _turnId: string,
      _scope: unknown,
      early = false,
    ): AsyncGenerator<ToolStep> {
      ran.push(`${JSON.stringify(one.arguments)}${early ? " early" : ""}`);
      yield RESULT;
    };

  it("starts at once, however many there are", async () => {
    const calls = [1, 2, 3, 4].map((n) => call(`c${n}`, { n }));
    const ran: string[] = [];
    const { turn } = await drive({
      route: router(
        calls.map((one) => draft(one, written)),
        calls,
      ),
      execute: tools(ran),
    });
    expect(ran).toEqual([1, 2, 3, 4].map((n) => `{"n":${n}} early`));
    expect(turn?.toolCalls.map(({ outcome }) => outcome)).toEqual(["hit", "hit", "hit", "hit"]);
  });

  it("is not started again when a guess has begun it", async () => {
    const ran: string[] = [];
    const { turn, log } = await drive({
      route: router(
        [draft(call("x", { n: 1 })), draft(call("c1", { n: 1 }), written)],
        [call("c1", { n: 1 })],
      ),
      execute: tools(ran),
    });
    expect(ran).toEqual(['{"n":1} early']);
    expect(log.kinds().filter((kind) => kind === "toolCallDrafted")).toHaveLength(1);
    expect(turn?.toolCalls).toMatchObject([{ outcome: "hit" }]);
  });

  it("waits for the decision when it changes something", async () => {
    const ran: string[] = [];
    await drive({
      route: router(
        [draft(call("c1", { n: 1 }), { ...written, mayStartEarly: false })],
        [call("c1", { n: 1 })],
      ),
      execute: tools(ran),
    });
    expect(ran).toEqual(['{"n":1}']);
  });
});
