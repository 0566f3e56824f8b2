import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ToolStep } from "../collaborators.ts";
import type { JsonObject } from "../json.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import { callKey, canonicalJson } from "./canonical.ts";
import { EarlyCalls } from "./early-calls.ts";

function call(name: string, args: JsonObject = {}, callId = "d1"): ToolCall {
  return { callId, name, arguments: args, dependsOn: [], toolHash: "h" };
}

function recordOf(one: ToolCall): ToolCallRecord {
  return {
    call: one,
    outcome: "open",
    early: true,
    rendered: "",
    errorCode: "",
    errorMessage: "",
    startMs: 0,
    endMs: 0,
    savedMs: 0,
    wastedMs: 0,
    truncated: false,
  };
}

const RESULT: ToolStep = { kind: "result", output: 1, rendered: "one", truncated: false };

/** A tool that ends when told to, or when it is stopped. */
function handTool() {
  const stopped: string[] = [];
  const finish = new Map<string, () => void>();
  const execute = async function* (one: ToolCall, signal: AbortSignal): AsyncGenerator<ToolStep> {
    yield { kind: "accepted", writes: false };
    await new Promise<void>((resolve, reject) => {
      finish.set(one.name, resolve);
      signal.addEventListener("abort", () => {
        stopped.push(one.name);
        reject(new Error("stopped"));
      });
    });
    yield RESULT;
  };
  return { execute, stopped, finish: (name: string) => finish.get(name)?.() };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("early calls", () => {
  it("hand a finished result to the decision that wants this very call", async () => {
    const tool = handTool();
    const early = new EarlyCalls({ execute: tool.execute, elapsed: () => 40 });
    early.start(recordOf(call("weather", { place: "Oslo" })));
    await settle();
    tool.finish("weather");
    await settle();
    const claimed = early.claim(call("weather", { place: "Oslo" }, "c1"));
    expect(claimed).toMatchObject({ ready: true, record: { call: { callId: "d1" }, early: true } });
    expect(await claimed?.result).toMatchObject({ step: RESULT, atMs: 40 });
    expect(early.discardAll()).toEqual([]);
  });

  it("let a claimed call that still runs go on to its result", async () => {
    const tool = handTool();
    const early = new EarlyCalls({ execute: tool.execute, elapsed: () => 5 });
    early.start(recordOf(call("weather")));
    await settle();
    const claimed = early.claim(call("weather"));
    expect(claimed?.ready).toBe(false);
    expect(early.discardAll()).toEqual([]);
    expect(tool.stopped).toEqual([]);
    tool.finish("weather");
    expect(await claimed?.result).toMatchObject({ step: RESULT });
  });

  it("give nothing to a call with other arguments, another tool or another definition", () => {
    const early = new EarlyCalls({ execute: handTool().execute, elapsed: () => 0 });
    early.start(recordOf(call("weather", { place: "Oslo" })));
    expect(early.claim(call("weather", { place: "Bergen" }))).toBeUndefined();
    expect(early.claim(call("time", { place: "Oslo" }))).toBeUndefined();
    expect(early.claim({ ...call("weather", { place: "Oslo" }), toolHash: "other" })).toBeUndefined();
  });

  it("are claimed once", () => {
    const early = new EarlyCalls({ execute: handTool().execute, elapsed: () => 0 });
    early.start(recordOf(call("weather")));
    expect(early.claim(call("weather"))).toBeDefined();
    expect(early.claim(call("weather"))).toBeUndefined();
  });

  it("are stopped when nobody claims them, and their results are thrown away", async () => {
    const tool = handTool();
    let now = 0;
    const early = new EarlyCalls({ execute: tool.execute, elapsed: () => now });
    early.start(recordOf(call("slow")));
    early.start(recordOf(call("fast")));
    await settle();
    now = 30;
    tool.finish("fast");
    await settle();
    now = 100;
    const records = early.discardAll();
    expect(tool.stopped).toEqual(["slow"]);
    expect(records).toMatchObject([
      { call: { name: "slow" }, outcome: "cancelled", endMs: 100, wastedMs: 100 },
      { call: { name: "fast" }, outcome: "miss", endMs: 30, wastedMs: 30 },
    ]);
    for (const record of records) expect(record).not.toHaveProperty("output");
  });

  it("turn a broken stream into a failure that the decision may use", async () => {
    const early = new EarlyCalls({
      // biome-ignore lint/correctness/useYield: an executor that breaks before its first message
      async *execute() {
        throw new Error("reset");
      },
      elapsed: () => 7,
    });
    early.start(recordOf(call("weather")));
    await settle();
    expect(await early.claim(call("weather"))?.result).toMatchObject({
      step: { kind: "failure", code: "unreachable" },
    });
  });
});

describe("canonical arguments", () => {
  it("do not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = canonicalJson(value as never);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value) as never)).toBe(json);
      }),
    );
  });

  it("sort keys by code units, as RFC 8785 does", () => {
    expect(
      canonicalJson({
        "\u20ac": 1,
        "\r": 2,
        "1": 3,
        "\ud83d\ude00": 4,
        "\u0080": 5,
        "\u00f6": 6,
        "\ufb33": 7,
      }),
    ).toBe('{"\\r":2,"1":3,"\u0080":5,"\u00f6":6,"\u20ac":1,"\ud83d\ude00":4,"\ufb33":7}');
  });

  it("tell different calls apart", () => {
    expect(callKey(call("a", { x: "1" }))).not.toBe(callKey(call("a", { x: 1 })));
  });
});

/** The same value with its keys the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
