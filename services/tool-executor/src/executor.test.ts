import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { type ToolContext, ToolFailure } from "@forerun/toolkit";
import { describe, expect, test } from "vitest";
import { collect } from "./fixtures/collect.ts";
import { deferred } from "./fixtures/deferred.ts";
import { endOf, eventsOf, executorWith, never, registrar, request, tool } from "./fixtures/domain.ts";

const OTHER_TENANT: Caller = { ...LOCAL_CALLER, tenant: "other" };

/** A tool that works until its signal aborts, and tells when it began and when it was stopped. */
function endless(parts: Parameters<typeof tool>[0] = {}) {
  const began = deferred<ToolContext>();
  const stopped = deferred<void>();
  const probe = tool({
    ...parts,
    run: async (_args, context) => {
      began.resolve(context);
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      stopped.resolve();
      return {};
    },
  });
  return { probe, began: began.promise, stopped: stopped.promise };
}

describe("a call", () => {
  test("is accepted with the tool's effect, reports progress, and ends with its result in words", async () => {
    const { executor } = executorWith(
      tool({
        effect: "read",
        run: async (_args, { progress }) => {
          progress("half way", 0.5);
          return { answer: 42 };
        },
        render: (output) => `It is ${output.answer}.`,
      }),
    );
    const events = await eventsOf(executor);
    expect(events.map((event) => event.kind).filter((kind) => kind !== "progress")).toEqual([
      "accepted",
      "result",
    ]);
    expect(events[0]).toEqual({ kind: "accepted", effect: "read" });
    expect(events.at(-1)).toMatchObject({ output: { answer: 42 }, rendered: "It is 42.", truncated: false });
  });

  test("shows progress while the tool still runs, and of many reports the latest", async () => {
    const release = deferred<void>();
    const { executor } = executorWith(
      tool({
        run: async (_args, { progress }) => {
          for (let step = 1; step <= 100; step++) progress(`step ${step}`, step / 100);
          await release.promise;
          return {};
        },
      }),
    );
    const events = executor.execute(request(), LOCAL_CALLER, never());
    await events.next();
    expect((await events.next()).value).toEqual({ kind: "progress", text: "step 100", fraction: 1 });
    release.resolve();
    expect((await events.next()).value).toMatchObject({ kind: "result" });
  });

  test("gives the tool its caller, its deadline and the schema's defaults", async () => {
    const seen = deferred<{ args: unknown; context: ToolContext }>();
    const { executor } = executorWith(
      tool({
        input: { type: "object", properties: { k: { type: "integer", default: 5 } } },
        timeoutMs: 1000,
        run: async (args, context) => {
          seen.resolve({ args, context });
          return {};
        },
      }),
    );
    const given = { other: 1 };
    const before = Date.now();
    await endOf(executor, { arguments: given });
    const { args, context } = await seen.promise;
    expect(args).toEqual({ other: 1, k: 5 });
    expect(given).toEqual({ other: 1 });
    expect(context.caller).toEqual(LOCAL_CALLER);
    expect(context.deadline.getTime() - before).toBeGreaterThanOrEqual(1000);
    expect(context.deadline.getTime() - before).toBeLessThan(1500);
  });

  test("is told to whoever observes, with its outcome and without its content", async () => {
    const { executor, finished } = executorWith(tool({}));
    await endOf(executor, { arguments: { secret: "s3cret" } });
    await endOf(executor, { name: "nobody", early: true });
    expect(finished.map(({ durationMs: _, ...call }) => call)).toEqual([
      { tool: "probe", callId: "c1", turnId: "t1", early: false, outcome: "ok", reused: false },
      { tool: "nobody", callId: "c1", turnId: "t1", early: true, outcome: "unknown_tool", reused: false },
    ]);
    expect(JSON.stringify(finished)).not.toContain("s3cret");
  });
});

describe("a call that cannot run is a failure with a reason", () => {
  const weather = tool({
    name: "get_weather",
    input: {
      type: "object",
      properties: { place: { type: "string" }, days: { type: "integer", maximum: 7 } },
      required: ["place"],
      additionalProperties: false,
    },
  });

  test.each([
    [
      "a misspelt tool",
      { name: "get_wether" },
      "unknown_tool",
      'There is no tool "get_wether". Did you mean "get_weather"?',
    ],
    ["a tool unlike any other", { name: "zzz" }, "unknown_tool", 'There is no tool "zzz".'],
    ["a missing argument", { arguments: {} }, "invalid_arguments", '"place" is missing'],
    ["a wrong type", { arguments: { place: 7 } }, "invalid_arguments", '"place" must be string'],
    [
      "a value out of range",
      { arguments: { place: "Oslo", days: 9 } },
      "invalid_arguments",
      '"days" must be <= 7',
    ],
    [
      "a misspelt argument",
      { arguments: { place: "Oslo", dais: 2 } },
      "invalid_arguments",
      'did you mean "days"?',
    ],
    [
      "a number in a text",
      { arguments: { place: "Oslo", days: "2" } },
      "invalid_arguments",
      '"days" must be integer',
    ],
  ])("%s", async (_case, parts, code, words) => {
    const { executor } = executorWith(weather);
    const end = await endOf(executor, { name: "get_weather", ...parts });
    expect(end).toMatchObject({ kind: "failure", code });
    expect(end.kind === "failure" && end.message).toContain(words);
  });

  test("arguments nested beyond 64 levels, or as long as a book", async () => {
    const { executor } = executorWith(tool({}));
    const deep = JSON.parse(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`);
    expect(await endOf(executor, { arguments: deep })).toMatchObject({ code: "invalid_arguments" });
    expect(
      await endOf(executor, { arguments: JSON.parse(`${'{"a":'.repeat(64)}1${"}".repeat(64)}`) }),
    ).toMatchObject({ kind: "result" });
    expect(await endOf(executor, { arguments: { text: "x".repeat(300_000) } })).toMatchObject({
      code: "invalid_arguments",
    });
  });

  test("an early call of a tool that writes; read and pure ones run early", async () => {
    const ran: string[] = [];
    const tools = (["write", "read", "pure"] as const).map((effect) =>
      tool({ name: effect, effect, run: async () => ({ ran: ran.push(effect) }) }),
    );
    const { executor } = executorWith(...tools);
    expect(await endOf(executor, { name: "write", early: true })).toMatchObject({ code: "denied" });
    expect(await endOf(executor, { name: "read", early: true })).toMatchObject({ kind: "result" });
    expect(await endOf(executor, { name: "pure", early: true })).toMatchObject({ kind: "result" });
    expect(ran).toEqual(["read", "pure"]);
  });
});

describe("what a tool does wrong is a failure", () => {
  test("a reason that it gives reaches the model; anything else it throws is told to nobody", async () => {
    const { executor } = executorWith(
      tool({
        name: "says",
        run: async () => Promise.reject(new ToolFailure("not_found", "There is no seat 12A.")),
      }),
      tool({ name: "throws", run: async () => Promise.reject(new Error("password=hunter2 at /etc/x")) }),
      tool({
        name: "throws_at_once",
        run: () => {
          throw new Error("at once");
        },
      }),
    );
    expect(await endOf(executor, { name: "says" })).toMatchObject({
      code: "not_found",
      message: "There is no seat 12A.",
    });
    const thrown = await endOf(executor, { name: "throws" });
    expect(thrown).toMatchObject({ code: "failed" });
    expect(JSON.stringify(thrown)).not.toContain("hunter2");
    expect(await endOf(executor, { name: "throws_at_once" })).toMatchObject({ code: "failed" });
  });

  test.each([
    ["breaks its schema", { temperature: "warm" }, '"temperature" must be number'],
    ["misses a field", {}, '"temperature" is missing'],
    ["returns nothing", undefined, "it is missing"],
    ["returns what JSON cannot say", { temperature: Number.NaN }, '"temperature" is NaN'],
    [
      "has a key that readers lose",
      { temperature: 1, more: JSON.parse('{"__proto__":1}') },
      'key named "__proto__"',
    ],
    ["returns a function", { temperature: 1, more: { f: () => 1 } }, '"more.f" is a function'],
  ])("output that %s", async (_case, output, words) => {
    const schema = {
      type: "object",
      properties: { temperature: { type: "number" } },
      required: ["temperature"],
    };
    const { executor } = executorWith(tool({ output: schema, run: async () => output as never }));
    const end = await endOf(executor);
    expect(end).toMatchObject({ code: "invalid_output" });
    expect(end.kind === "failure" && end.message).toContain(words);
  });

  test("output that holds itself", async () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const { executor } = executorWith(tool({ run: async () => loop as never }));
    expect(await endOf(executor)).toMatchObject({ code: "invalid_output" });
  });

  test("a render that throws costs the words, not the result", async () => {
    const { executor } = executorWith(
      tool({
        run: async () => ({ a: 1 }),
        render: () => {
          throw new Error("no words");
        },
      }),
    );
    expect(await endOf(executor)).toMatchObject({ kind: "result", output: { a: 1 }, rendered: "" });
  });

  test("a result beyond the limit is cut and says so", async () => {
    const { executor } = executorWith(tool({ run: async () => ({ text: "å".repeat(200_000), n: 1 }) }));
    const end = await endOf(executor);
    expect(end).toMatchObject({ kind: "result", truncated: true, output: { n: 1 } });
    expect(Buffer.byteLength(JSON.stringify(end.kind === "result" && end.output))).toBeLessThanOrEqual(
      65_536,
    );
  });
});

describe("a call is stopped", () => {
  test("when its time is over, whether the tool listens or not", async () => {
    const listening = endless({ name: "listens", timeoutMs: 40 });
    const deaf = tool({ name: "deaf", timeoutMs: 40, run: () => new Promise(() => {}) });
    const { executor } = executorWith(listening.probe, deaf);
    for (const name of ["listens", "deaf"]) {
      const end = await endOf(executor, { name });
      expect(end).toMatchObject({
        code: "timeout",
        message: `${name} did not answer within 40 ms, so it was stopped.`,
      });
      expect(end.durationMs).toBeLessThan(1000);
    }
    await listening.stopped;
  });

  test("by a cancel of its own tenant and no other", async () => {
    const { probe, began, stopped } = endless();
    const { executor } = executorWith(probe);
    const end = endOf(executor);
    await began;
    expect(executor.cancel(OTHER_TENANT, { turnId: "t1", callId: "c1" })).toBe(false);
    expect(executor.cancel(LOCAL_CALLER, { turnId: "t2", callId: "c1" })).toBe(false);
    expect(executor.cancel(LOCAL_CALLER, { turnId: "t1", callId: "c2" })).toBe(false);
    expect(executor.cancel(LOCAL_CALLER, { turnId: "t1", callId: "c1" })).toBe(true);
    expect(await end).toMatchObject({ code: "cancelled" });
    await stopped;
    expect(executor.cancel(LOCAL_CALLER, { turnId: "t1", callId: "c1" })).toBe(false);
  });

  test("when its reader leaves the stream, or its signal aborts", async () => {
    const left = endless();
    const events = executorWith(left.probe).executor.execute(request(), LOCAL_CALLER, never());
    await events.next();
    await left.began;
    await events.return(undefined);
    await left.stopped;

    const aborted = endless();
    const { executor, finished } = executorWith(aborted.probe);
    const leave = new AbortController();
    const end = collect(executor.execute(request(), LOCAL_CALLER, leave.signal));
    await aborted.began;
    leave.abort();
    expect((await end).at(-1)).toMatchObject({ code: "cancelled" });
    await aborted.stopped;
    expect(finished).toMatchObject([{ outcome: "cancelled" }]);
  });
});

describe("a turn keeps the definition that it saw", () => {
  const version = (answer: number) =>
    tool({ description: `Version ${answer}.`, run: async () => ({ answer }) });

  test("a call with the hash of a replaced or removed definition runs that one", async () => {
    const { executor, registry } = executorWith(version(1));
    const hash = registry.snapshot.tools[0]?.hash ?? "";
    registry.put("test", "built-in", [registrar(version(2), { source: "test", revision: "" })]);
    expect(await endOf(executor, { toolHash: hash })).toMatchObject({ output: { answer: 1 } });
    expect(await endOf(executor, {})).toMatchObject({ output: { answer: 2 } });
    registry.remove("test");
    expect(await endOf(executor, { toolHash: hash })).toMatchObject({ output: { answer: 1 } });
    expect(await endOf(executor, {})).toMatchObject({ code: "unknown_tool" });
  });

  test("a hash that nobody knows runs nothing", async () => {
    const { executor } = executorWith(version(1));
    expect(await endOf(executor, { toolHash: "gone" })).toMatchObject({
      code: "unknown_tool",
      message: "probe has changed since this turn began; ask again to use it as it is now.",
    });
  });

  test("only the last 64 are kept", async () => {
    const { executor, registry } = executorWith(version(0));
    const hashes: string[] = [];
    for (let answer = 1; answer <= 70; answer++) {
      hashes.push(registry.snapshot.tools[0]?.hash ?? "");
      registry.put("test", "built-in", [registrar(version(answer), { source: "test", revision: "" })]);
    }
    expect(await endOf(executor, { toolHash: hashes[0] ?? "" })).toMatchObject({ code: "unknown_tool" });
    expect(await endOf(executor, { toolHash: hashes.at(-64) ?? "" })).toMatchObject({
      output: { answer: 6 },
    });
  });
});
