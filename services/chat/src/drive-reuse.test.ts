import { describe, expect, it } from "vitest";
import type { EndStep } from "./call-record.ts";
import type { Collaborators, RouteStep } from "./collaborators.ts";
import { call, decision, drive, memoryLog, routing } from "./fixtures/driven-turn.ts";
import { NO_USAGE, type ToolCall } from "./turn.ts";

const REUSED = { layer: "l1", ageMs: 1_200 };
const RESULT: EndStep = { kind: "result", output: { value: 408 }, rendered: "It is 408.", truncated: false };
const NOT_FOUND: EndStep = { kind: "failure", code: "not_found", message: "There is no such place." };

const bringing = (step: EndStep): Partial<Collaborators> => ({
  async *execute() {
    yield { kind: "accepted", writes: false };
    yield step;
  },
});

describe("what was used again", () => {
  it.each<[string, EndStep, string]>([
    ["result", RESULT, "toolCallOutput"],
    ["failure", NOT_FOUND, "toolCallFailed"],
  ])("is told right before a tool's %s, by its call's id", async (_what, step, ending) => {
    const { turn, log } = await drive({ ...routing([call("c1")]), ...bringing({ ...step, reused: REUSED }) });
    const at = log.kinds().indexOf("cacheHit");
    expect(log.written[at]).toEqual({ kind: "cacheHit", ...REUSED, what: "tool", callId: "c1" });
    expect(log.kinds()[at + 1]).toBe(ending);
    expect(turn?.toolCalls).toMatchObject([{ reused: REUSED }]);
  });

  it("is told of a decision, and of an answer before its text", async () => {
    const { turn, log } = await drive({
      async *route() {
        yield { kind: "decided", decision: decision(), usage: NO_USAGE, reused: REUSED };
      },
      async *generate() {
        yield { kind: "reused", reused: REUSED };
        yield { kind: "text", text: "It is 408." };
        yield { kind: "done", finish: "stop", usage: NO_USAGE };
      },
    });
    expect(turn).toMatchObject({ state: "completed", text: "It is 408.", usage: { modelCalls: 0 } });
    expect(log.kinds().slice(2)).toEqual([
      "cacheHit",
      "routeDecided",
      "cacheHit",
      "outputTextDelta",
      "outputTextDone",
    ]);
    expect(log.written.flatMap((body) => (body.kind === "cacheHit" ? [body.what] : []))).toEqual([
      "route",
      "answer",
    ]);
  });

  it("teaches nothing about how long tools and decisions take", async () => {
    const { expectations } = await drive({
      async *route() {
        yield { kind: "decided", decision: decision([call("c1")]), usage: NO_USAGE, reused: REUSED };
      },
      ...bringing({ ...RESULT, reused: REUSED }),
    });
    expect(expectations.toolMs("calculator")).toBe(300);
    expect(expectations.routeMs).toBe(300);
  });
});

describe("early results", () => {
  /** What is committed of a turn whose draft is `drafted` and whose decision is `decided`. */
  async function committed(drafted: ToolCall, decided: ToolCall, step = RESULT) {
    const commits: [string, readonly string[]][] = [];
    let toolEnded = () => {};
    const ended = new Promise<void>((resolve) => {
      toolEnded = resolve;
    });
    const draft = { kind: "drafted", source: "tier0", pTool: 0.9, pArguments: 0.9, costMicros: 0 } as const;
    const log = memoryLog();
    await drive(
      {
        async *route(): AsyncGenerator<RouteStep> {
          yield { ...draft, call: drafted, mayStartEarly: true };
          await ended;
          yield { kind: "decided", decision: decision([decided]), usage: NO_USAGE };
        },
        async *execute() {
          setImmediate(toolEnded);
          yield step;
        },
        async commit(turnId, callIds) {
          if (callIds.length > 0) commits.push([turnId, callIds]);
        },
      },
      { log },
    );
    return { commits, outcomes: log.finished[0]?.toolCalls.map(({ outcome }) => outcome) };
  }

  it("are committed when the decision asked for them", async () => {
    expect(await committed(call("x", { n: 1 }), call("c1", { n: 1 }))).toEqual({
      commits: [["t1", ["c1"]]],
      outcomes: ["hit"],
    });
  });

  it("are not committed when it asked for something else", async () => {
    const { commits, outcomes } = await committed(call("x", { n: 1 }), call("c1", { n: 2 }));
    expect([commits, outcomes]).toEqual([[], ["miss", "committed"]]);
  });

  it("are not committed when they are others' already", async () => {
    const { commits } = await committed(call("x"), call("c1"), { ...RESULT, reused: REUSED });
    expect(commits).toEqual([]);
  });
});
