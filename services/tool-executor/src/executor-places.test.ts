import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { describe, expect, test } from "vitest";
import { collect } from "./fixtures/collect.ts";
import { deferred } from "./fixtures/deferred.ts";
import { endOf, executorWith, request, tool } from "./fixtures/domain.ts";

describe("one tool keeps 16 calls going", () => {
  test("64 more wait their turn, the next is refused at once, and other tools are not held up", async () => {
    let running = 0;
    let most = 0;
    const release = deferred<void>();
    const full = deferred<void>();
    const slow = tool({
      name: "slow",
      run: async () => {
        most = Math.max(most, ++running);
        if (running === 16) full.resolve();
        await release.promise;
        running--;
        return {};
      },
    });
    const { executor } = executorWith(slow, tool({ name: "quick" }));
    const calls = Array.from({ length: 80 }, (_, index) =>
      endOf(executor, { name: "slow", callId: `c${index}` }),
    );
    await full.promise;
    expect(await endOf(executor, { name: "slow", callId: "c99" })).toMatchObject({
      code: "busy",
      message: "slow is busy with other calls; try again in a moment.",
    });
    expect(await endOf(executor, { name: "quick" })).toMatchObject({ kind: "result" });
    release.resolve();
    const ends = await Promise.all(calls);
    expect(ends.every((end) => end.kind === "result")).toBe(true);
    expect(most).toBe(16);
  });

  test("a tenant with calls in line holds up no other: the next place is for whoever has none", async () => {
    const release = deferred<void>();
    const full = deferred<void>();
    const ran: string[] = [];
    const slow = tool({
      name: "slow",
      run: async (_input, { caller }) => {
        ran.push(caller.tenant);
        if (ran.length === 16) full.resolve();
        if (ran.length <= 16) await release.promise;
        return {};
      },
    });
    const { executor } = executorWith(slow);
    const call = (index: number, tenant: string) =>
      collect(
        executor.execute(
          request({ name: "slow", callId: `c${index}` }),
          { ...LOCAL_CALLER, tenant },
          new AbortController().signal,
        ),
      );
    const loud = Array.from({ length: 40 }, (_, index) => call(index, "loud"));
    await full.promise;
    const quiet = call(99, "quiet");
    release.resolve();
    await Promise.all([...loud, quiet]);
    expect(ran.slice(16, 18)).toContain("quiet");
  });

  test("waiting counts as running time, and a stopped one leaves the line", async () => {
    const deaf = tool({ name: "deaf", timeoutMs: 60, run: () => new Promise(() => {}) });
    const { executor } = executorWith(deaf);
    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, index) => endOf(executor, { name: "deaf", callId: `c${index}` })),
    );
    expect(ends.map((end) => end.kind === "failure" && end.code)).toEqual(Array(20).fill("timeout"));
  });
});
