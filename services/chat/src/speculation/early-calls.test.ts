import { passThroughTracer } from "@forerun/telemetry/tracing";
import { describe, expect, it } from "vitest";
import type { ToolStep } from "../collaborators.ts";
import type { JsonObject } from "../json.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import { callKey } from "./canonical.ts";
import { EarlyCalls, type EarlyDeps } from "./early-calls.ts";

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
    effected: false,
  };
}

const RESULT: ToolStep = { kind: "result", output: 1, rendered: "one", truncated: false };

/** A tool that ends when told to, or when it is stopped. */
function handTool() {
  const stopped: string[] = [];
  const finish = new Map<string, () => void>();
  const execute = async function* (
    one: ToolCall,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ToolStep> {
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

function open(deps: Pick<EarlyDeps, "execute" | "elapsed">, told: string[] = []): EarlyCalls {
  const span = ({ name }: ToolCall) => ({
    ...passThroughTracer.start("forerun.tool", undefined),
    setAttributes: (attributes: object) => void told.push(`${name} ${JSON.stringify(attributes)}`),
    end: (outcome = "ok") => void told.push(`${name} ${outcome}`),
  });
  return new EarlyCalls({ ...deps, span, ended() {} });
}

function start(early: EarlyCalls, record: ToolCallRecord): void {
  early.start(record, { place: { [Symbol.dispose]() {} }, decision: undefined });
}

describe("early calls", () => {
  it("hand a finished result to the decision that wants this very call", async () => {
    const tool = handTool();
    const early = open({ execute: tool.execute, elapsed: () => 40 });
    start(early, recordOf(call("weather", { place: "Oslo" })));
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
    const early = open({ execute: tool.execute, elapsed: () => 5 });
    start(early, recordOf(call("weather")));
    await settle();
    const claimed = early.claim(call("weather"));
    expect(claimed?.ready).toBe(false);
    expect(early.discardAll()).toEqual([]);
    expect(tool.stopped).toEqual([]);
    tool.finish("weather");
    expect(await claimed?.result).toMatchObject({ step: RESULT });
  });

  it("give nothing to a call with other arguments, another tool or another definition", () => {
    const early = open({ execute: handTool().execute, elapsed: () => 0 });
    start(early, recordOf(call("weather", { place: "Oslo" })));
    expect(early.claim(call("weather", { place: "Bergen" }))).toBeUndefined();
    expect(early.claim(call("time", { place: "Oslo" }))).toBeUndefined();
    expect(early.claim({ ...call("weather", { place: "Oslo" }), toolHash: "other" })).toBeUndefined();
  });

  it("are claimed once", () => {
    const early = open({ execute: handTool().execute, elapsed: () => 0 });
    start(early, recordOf(call("weather")));
    expect(early.claim(call("weather"))).toBeDefined();
    expect(early.claim(call("weather"))).toBeUndefined();
  });

  it("are stopped when nobody claims them, and their results are thrown away", async () => {
    const tool = handTool();
    let now = 0;
    const early = open({ execute: tool.execute, elapsed: () => now });
    start(early, recordOf(call("slow")));
    start(early, recordOf(call("fast")));
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

  it("tell on their spans what became of them", async () => {
    const tool = handTool();
    const told: string[] = [];
    const early = open({ execute: tool.execute, elapsed: () => 0 }, told);
    for (const name of ["hit", "late", "miss", "cancelled"]) start(early, recordOf(call(name)));
    await settle();
    tool.finish("hit");
    tool.finish("miss");
    await settle();
    const claims = [early.claim(call("hit")), early.claim(call("late"))];
    early.discardAll();
    tool.finish("late");
    await Promise.all(claims.map((claim) => claim?.result));
    const ends = ["hit", "late", "miss", "cancelled"].flatMap((name) => [
      `${name} {"speculation.outcome":"${name}"}`,
      `${name} ok`,
    ]);
    expect(told.sort()).toEqual(ends.sort());
  });

  it("turn a broken stream into a failure that the decision may use", async () => {
    const early = open({
      // biome-ignore lint/correctness/useYield: an executor that breaks before its first message
      async *execute() {
        throw new Error("reset");
      },
      elapsed: () => 7,
    });
    start(early, recordOf(call("weather")));
    await settle();
    expect(await early.claim(call("weather"))?.result).toMatchObject({
      step: { kind: "failure", code: "unreachable" },
    });
  });
});

describe("canonical arguments", () => {
  it("tell different calls apart", () => {
    expect(callKey(call("a", { x: "1" }))).not.toBe(callKey(call("a", { x: 1 })));
  });

  it("do not depend on the order of keys", () => {
    expect(callKey(call("a", { x: 1, y: 2 }))).toBe(callKey(call("a", { y: 2, x: 1 })));
  });
});
