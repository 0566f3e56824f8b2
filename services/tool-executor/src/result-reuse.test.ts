import { openCache } from "@forerun/cache/open-cache";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { type Tool, type ToolContext, ToolFailure } from "@forerun/toolkit";
import { metrics } from "@opentelemetry/api";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Executor } from "./executor.ts";
import { collect } from "./fixtures/collect.ts";
import { deferred } from "./fixtures/deferred.ts";
import { endOf, executorOn, never, registrar, request, tool } from "./fixtures/domain.ts";

const OTHER_TENANT: Caller = { ...LOCAL_CALLER, tenant: "other" };
const HOUR_MS = 3_600_000;

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

/** An executor that keeps results, and a count of what its tool has run. */
function keeping(parts: Parameters<typeof tool>[0] = {}) {
  const cache = openCache({ meter: metrics.getMeter("test"), random: () => 0 });
  opened.push(cache);
  const ran: unknown[] = [];
  const run = parts.run ?? (async () => ({ run: ran.length }));
  const counted = tool({
    effect: "read",
    cacheTtlMs: HOUR_MS,
    ...parts,
    run: (args, context) => {
      ran.push(args);
      return run(args, context);
    },
  });
  return { ...executorOn(cache, counted), ran, tool: counted };
}

describe("an earlier result", () => {
  test("is used again for the same arguments, in whatever order, and says how old it is", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { executor, ran, finished } = keeping();
    const first = await endOf(executor, { arguments: { a: 1, b: 2 } });
    vi.advanceTimersByTime(2_500);
    const second = await endOf(executor, { callId: "c2", arguments: { b: 2, a: 1 } });
    expect(second).toMatchObject({ output: { run: 1 }, reused: { layer: "l1", ageMs: 2_500 } });
    expect(first).not.toHaveProperty("reused");
    expect(ran).toHaveLength(1);
    expect(finished.map(({ reused }) => reused)).toEqual([false, true]);
  });

  test("is used again where a default was written out", async () => {
    const properties = { k: { type: "integer", default: 5 } };
    const { executor, ran } = keeping({ input: { type: "object", properties } });
    await endOf(executor, { arguments: {} });
    expect(await endOf(executor, { arguments: { k: 5 } })).toHaveProperty("reused");
    expect(ran).toHaveLength(1);
  });

  test("is nothing to another tenant, other arguments or another definition", async () => {
    const { executor, registry, ran, tool: first } = keeping();
    await endOf(executor);
    await endOf(executor, {}, OTHER_TENANT);
    await endOf(executor, { arguments: { a: 1 } });
    registry.put("test", "built-in", [registrar(first, { source: "test", revision: "mended" })]);
    await endOf(executor);
    expect(ran).toHaveLength(4);
  });

  test("is used again for every user of a tenant, unless the tool looked at who asks", async () => {
    const [ada, ben] = ["ada", "ben"].map((subject) => ({ ...LOCAL_CALLER, subject }));
    const shared = keeping();
    await endOf(shared.executor, {}, ada);
    expect(await endOf(shared.executor, {}, ben)).toHaveProperty("reused");
    for (const look of ["subject", "roles"] as const) {
      const personal = keeping({ run: async (_args, { caller }) => ({ who: String(caller[look]) }) });
      for (const who of [ada, ben, ada])
        expect(await endOf(personal.executor, {}, who)).not.toHaveProperty("reused");
    }
  });

  test("is not used again after its time", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { executor, ran } = keeping({ cacheTtlMs: 1_000 });
    await endOf(executor);
    vi.advanceTimersByTime(999);
    expect(await endOf(executor)).toHaveProperty("reused");
    vi.advanceTimersByTime(1);
    expect(await endOf(executor)).not.toHaveProperty("reused");
    expect(ran).toHaveLength(2);
  });

  test.each<[string, Partial<Tool>]>([
    ["writes", { effect: "write" }],
    ["says that results must not be used again", { cacheTtlMs: 0 }],
  ])("does not exist for a tool that %s", async (_what, parts) => {
    const { executor, ran } = keeping(parts as Parameters<typeof tool>[0]);
    await endOf(executor, { callId: "c1" });
    await endOf(executor, { callId: "c2" });
    expect(ran).toHaveLength(2);
  });
});

describe("a failure", () => {
  test.each(["not_found", "invalid_arguments"] as const)("%s is kept for half a minute", async (code) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const run = async () => {
      throw new ToolFailure(code, "There is no such place.");
    };
    const { executor, ran } = keeping({ run });
    await endOf(executor);
    vi.advanceTimersByTime(29_000);
    expect(await endOf(executor)).toMatchObject({
      code,
      message: "There is no such place.",
      reused: { ageMs: 29_000 },
    });
    vi.advanceTimersByTime(1_000);
    expect(await endOf(executor)).not.toHaveProperty("reused");
    expect(ran).toHaveLength(2);
  });

  test.each<[string, Partial<Parameters<typeof tool>[0]>]>([
    ["unreachable", { run: () => Promise.reject(new ToolFailure("unreachable", "No answer.")) }],
    ["not_configured", { run: () => Promise.reject(new ToolFailure("not_configured", "No key.")) }],
    ["failed", { run: () => Promise.reject(new Error("a slip")) }],
    ["timeout", { timeoutMs: 10, run: () => new Promise(() => {}) }],
    ["invalid_output", { run: async () => undefined as never }],
  ])("%s may pass, and is not kept", async (code, parts) => {
    const { executor, ran } = keeping(parts);
    for (const _ of [1, 2]) {
      expect(await endOf(executor)).toMatchObject({ code });
    }
    expect(ran).toHaveLength(2);
  });
});

describe("what an early call brought", () => {
  const early = { turnId: "t1", callId: "c1", early: true };

  test("is not used again before its call is decided for, and is from then on", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { executor, ran } = keeping();
    await endOf(executor, early);
    await endOf(executor, { turnId: "t2", arguments: {} });
    expect(ran).toHaveLength(2);

    const fresh = keeping();
    await endOf(fresh.executor, early);
    vi.advanceTimersByTime(700);
    expect(await fresh.executor.commit(LOCAL_CALLER, { turnId: "t1", callId: "c1" })).toBe(true);
    expect(await endOf(fresh.executor, { turnId: "t2" })).toMatchObject({ reused: { ageMs: 700 } });
    expect(fresh.ran).toHaveLength(1);
  });

  test("cannot be decided for by another tenant, turn or call", async () => {
    const { executor, ran } = keeping();
    await endOf(executor, early);
    expect(await executor.commit(OTHER_TENANT, { turnId: "t1", callId: "c1" })).toBe(false);
    expect(await executor.commit(LOCAL_CALLER, { turnId: "t2", callId: "c1" })).toBe(false);
    expect(await executor.commit(LOCAL_CALLER, { turnId: "t1", callId: "c2" })).toBe(false);
    await endOf(executor, { turnId: "t2" });
    expect(ran).toHaveLength(2);
  });

  test("is kept when its call is decided for while it still runs", async () => {
    const release = deferred<void>();
    const began = deferred<void>();
    const { executor, ran } = keeping({
      run: async () => {
        began.resolve();
        await release.promise;
        return {};
      },
    });
    const end = endOf(executor, early);
    await began.promise;
    expect(await executor.commit(LOCAL_CALLER, { turnId: "t1", callId: "c1" })).toBe(true);
    release.resolve();
    await end;
    expect(await endOf(executor, { turnId: "t2" })).toHaveProperty("reused");
    expect(ran).toHaveLength(1);
  });

  test("may itself be an earlier result", async () => {
    const { executor, ran } = keeping();
    await endOf(executor);
    expect(await endOf(executor, early)).toHaveProperty("reused");
    expect(ran).toHaveLength(1);
  });
});

describe("equal calls at the same time", () => {
  /** A tool that works until it is released, or stopped. */
  function steered() {
    const began = deferred<ToolContext>();
    const release = deferred<void>();
    const stopped = deferred<void>();
    const kept = keeping({
      run: async (_args, context) => {
        began.resolve(context);
        context.signal.addEventListener("abort", () => stopped.resolve());
        await Promise.race([release.promise, stopped.promise]);
        return {};
      },
    });
    return { ...kept, began: began.promise, release: release.resolve, stopped: stopped.promise };
  }

  const leave = (executor: Executor, parts: Parameters<typeof request>[0], signal: AbortSignal) =>
    collect(executor.execute(request(parts), LOCAL_CALLER, signal));

  test("are one run, whose places and progress they share", async () => {
    const { executor, ran, began, release } = steered();
    const calls = Array.from({ length: 200 }, (_, index) =>
      collect(executor.execute(request({ callId: `c${index}` }), LOCAL_CALLER, never())),
    );
    (await began).progress("half way", 0.5);
    await new Promise(setImmediate);
    release();
    for (const events of await Promise.all(calls)) {
      expect(events.map(({ kind }) => kind)).toEqual(["accepted", "progress", "result"]);
    }
    expect(ran).toHaveLength(1);
  });

  test.each([
    ["tenants", OTHER_TENANT],
    ["users", { ...LOCAL_CALLER, subject: "another" }],
  ])("of two %s are two runs", async (_what, other) => {
    const { executor, ran, began, release } = steered();
    const calls = [endOf(executor), endOf(executor, {}, other)];
    await began;
    release();
    await Promise.all(calls);
    expect(ran).toHaveLength(2);
  });

  test("go on when one of them is cancelled, and stop with the last", async () => {
    const { executor, ran, began, stopped } = steered();
    const leaver = new AbortController();
    const first = endOf(executor, { callId: "c1" });
    const second = leave(executor, { callId: "c2" }, leaver.signal);
    const { signal } = await began;
    expect(executor.cancel(LOCAL_CALLER, { turnId: "t1", callId: "c1" })).toBe(true);
    expect(await first).toMatchObject({ code: "cancelled" });
    expect(signal.aborted).toBe(false);
    leaver.abort();
    expect((await second).at(-1)).toMatchObject({ code: "cancelled" });
    await stopped;
    expect(ran).toHaveLength(1);
  });

  test("leave a decided call its result when the early one among them is thrown away", async () => {
    const { executor, ran, began, release } = steered();
    const leaver = new AbortController();
    const early = leave(executor, { callId: "c1", early: true }, leaver.signal);
    await began;
    const decided = executor.execute(request({ turnId: "t2" }), LOCAL_CALLER, never());
    expect((await decided.next()).value).toMatchObject({ kind: "accepted" });
    leaver.abort();
    await early;
    release();
    expect((await collect(decided)).at(-1)).toMatchObject({ kind: "result" });
    expect(await endOf(executor, { turnId: "t3" })).toHaveProperty("reused");
    expect(ran).toHaveLength(1);
  });
});
