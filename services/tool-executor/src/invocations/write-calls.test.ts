import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { ToolFailure } from "@forerun/toolkit/tool-failure";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../fixtures/collect.ts";
import { deferred } from "../fixtures/deferred.ts";
import { endOf, executorRecordingIn, executorWith, never, request, tool } from "../fixtures/domain.ts";
import { memoryRecord } from "../fixtures/memory-record.ts";
import type { Invocations } from "./invocation.ts";

type Run = NonNullable<Parameters<typeof tool>[0]["run"]>;

/** A tool that changes something; `effects` has a mark for each time it did. */
function writing(run: Run = async () => ({ ok: true }), timeoutMs = 60_000) {
  const effects: string[] = [];
  const writer = tool({
    effect: "write",
    timeoutMs,
    run: async (args, context) => {
      effects.push("done");
      return run(args, context);
    },
  });
  return { ...executorWith(writer), effects };
}

/** A tool that has changed something and goes on until it is told to end. */
function slow() {
  const [begun, release] = [deferred<AbortSignal>(), deferred<void>()];
  const rest = writing(async (_args, { signal }) => {
    begun.resolve(signal);
    await release.promise;
    return { ok: true };
  });
  return { ...rest, begun: begun.promise, release: () => release.resolve() };
}

describe("a call that changes something", () => {
  it("is answered from the record when it is made again, also by another try", async () => {
    const { executor, effects } = writing();
    const first = await endOf(executor);
    expect(first).toMatchObject({ kind: "result", output: { ok: true } });
    expect(await endOf(executor, { attempt: 2 })).toMatchObject({ kind: "result", output: { ok: true } });
    expect(effects).toHaveLength(1);
  });

  it("gives its tool a key that is the same for all repeats, and no other call's", async () => {
    const keys: unknown[] = [];
    const noting: Run = async (_args, { idempotencyKey }) => ({ count: keys.push(idempotencyKey) });
    const [one, two] = [writing(noting), writing(noting)];
    await endOf(one.executor);
    await endOf(two.executor);
    await endOf(two.executor, { callId: "c2" });
    expect(keys[0]).toMatch(/^[\w-]{43}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it.each([
    ["another call", { callId: "c2" }],
    ["another turn", { turnId: "t2" }],
    ["other arguments", { arguments: { amount: 2 } }],
  ])("is another one in %s", async (_, parts) => {
    const { executor, effects } = writing();
    await endOf(executor);
    await endOf(executor, parts);
    expect(effects).toHaveLength(2);
  });

  it("is another one for another tenant, and each time when it has no id", async () => {
    const { executor, effects } = writing();
    await endOf(executor);
    await endOf(executor, {}, { ...LOCAL_CALLER, tenant: "other" });
    await endOf(executor, { callId: "", turnId: "" });
    await endOf(executor, { callId: "", turnId: "" });
    expect(effects).toHaveLength(4);
  });

  it("happens once for fifty who make it at once, and all hear how it ended", async () => {
    const { executor, effects } = writing();
    const ends = await Promise.all(Array.from({ length: 50 }, () => endOf(executor)));
    expect(ends.every(({ kind }) => kind === "result")).toBe(true);
    expect(effects).toHaveLength(1);
  });

  it("goes on when its reader leaves, and tells the next one how it ended", async () => {
    const { executor, effects, begun, release } = slow();
    const leaving = new AbortController();
    const told = collect(executor.execute(request(), LOCAL_CALLER, leaving.signal));
    const signal = await begun;
    leaving.abort();
    expect((await told).at(-1)).toMatchObject({ code: "cancelled" });
    expect(signal.aborted).toBe(false);
    const next = endOf(executor);
    release();
    expect(await next).toMatchObject({ kind: "result", output: { ok: true } });
    expect(effects).toHaveLength(1);
  });

  it("is stopped by a cancel, also when its reader has left, and may have happened", async () => {
    const { executor, effects, begun } = slow();
    const leaving = new AbortController();
    const told = collect(executor.execute(request(), LOCAL_CALLER, leaving.signal));
    const signal = await begun;
    leaving.abort();
    await told;
    expect(executor.cancel(LOCAL_CALLER, { turnId: "t1", callId: "c1" })).toBe(true);
    expect(signal.aborted).toBe(true);
    await executor.writesEnded(10_000);
    expect(await endOf(executor)).toMatchObject({ code: "outcome_unknown" });
    expect(effects).toHaveLength(1);
  });

  it.each<[string, Run, number]>([
    ["throws", () => Promise.reject(new Error("connection reset")), 60_000],
    ["takes too long", () => new Promise(() => {}), 20],
  ])("may have happened where its tool %s, and is not repeated", async (_, run, timeoutMs) => {
    const { executor, effects } = writing(run, timeoutMs);
    const end = await endOf(executor);
    expect(end).toMatchObject({
      code: "outcome_unknown",
      message: expect.stringContaining("Do not call it again"),
    });
    expect(await endOf(executor)).toMatchObject({ code: "outcome_unknown" });
    expect(effects).toHaveLength(1);
  });

  it("has failed for good where its tool says so, and is not repeated", async () => {
    const refuse = () => Promise.reject(new ToolFailure("not_found", "there is no such account"));
    const { executor, effects } = writing(refuse);
    expect(await endOf(executor)).toMatchObject({ code: "not_found" });
    expect(await endOf(executor)).toMatchObject({ code: "not_found", message: "there is no such account" });
    expect(effects).toHaveLength(1);
  });

  it("that never ran for want of a place may be made again", async () => {
    const { executor, effects, release } = slow();
    const many = Array.from({ length: 80 }, (_, at) => endOf(executor, { callId: `w${at}` }));
    await vi.waitFor(() => expect(effects).toHaveLength(16));
    expect(await endOf(executor)).toMatchObject({ code: "busy" });
    release();
    await Promise.all(many);
    expect(await endOf(executor)).toMatchObject({ kind: "result" });
    expect(effects).toHaveLength(81);
  });

  it("does not run where it cannot be noted, and says that nothing has happened unless it was made before", async () => {
    const away = () => Promise.reject(new Error("no store"));
    const { registry, effects } = writing();
    const executor = executorRecordingIn({ ...memoryRecord(), reserve: away }, registry);
    const end = await endOf(executor);
    expect(end).toMatchObject({ code: "failed", message: expect.stringContaining("Nothing was changed") });
    expect(await endOf(executor, { attempt: 2 })).toMatchObject({ code: "outcome_unknown" });
    expect(effects).toEqual([]);
  });

  it("waits for a store that is away for a moment", async () => {
    const record = memoryRecord();
    let away = 3;
    const reserve: Invocations["reserve"] = async (...args) => {
      away -= 1;
      if (away >= 0) throw new ForerunError("FR-E1104", "unavailable", "the store cannot be reached", "wait");
      return record.reserve(...args);
    };
    const { registry, effects } = writing();
    expect(await endOf(executorRecordingIn({ ...record, reserve }, registry))).toMatchObject({
      kind: "result",
    });
    expect(effects).toHaveLength(1);
  });

  it("does not run where there is no record at all", async () => {
    const { registry, effects } = writing();
    const executor = executorRecordingIn(undefined, registry);
    expect(await endOf(executor)).toMatchObject({ code: "not_configured" });
    expect(effects).toEqual([]);
  });

  it("tells how it ended although that cannot be noted yet, and is noted when the store is back", async () => {
    const record = memoryRecord();
    let away = 2;
    const settle: Invocations["settle"] = async (...args) => {
      if (away > 0) {
        away -= 1;
        throw new Error("no store");
      }
      await record.settle(...args);
    };
    const { registry, effects } = writing();
    const executor = executorRecordingIn({ ...record, settle }, registry);
    expect(await endOf(executor)).toMatchObject({ kind: "result" });
    await executor.writesEnded(10_000);
    expect(await endOf(executor)).toMatchObject({ kind: "result" });
    expect(effects).toHaveLength(1);
  });

  it("is refused before anything is noted where it may not run", async () => {
    const { executor, effects } = writing();
    expect(await endOf(executor, { early: true })).toMatchObject({ code: "denied" });
    expect(effects).toEqual([]);
    expect(
      (await collect(executor.execute(request(), LOCAL_CALLER, never()))).map(({ kind }) => kind),
    ).toEqual(["accepted", "result"]);
  });
});
