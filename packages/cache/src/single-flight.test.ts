import type { Caller } from "@forerun/runtime/caller";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CacheKey } from "./cache-key.ts";
import { SingleFlight } from "./single-flight.ts";

const CALLER: Caller = { tenant: "acme", subject: "u1", roles: ["user"] };
const KIND = { name: "note", shape: z.string() };
const KEY = CacheKey.of(CALLER, KIND, { id: 1 });
const OTHERS = CacheKey.of({ ...CALLER, tenant: "other" }, KIND, { id: 1 });

/** Work that ends when it is told to. */
class SteeredWork {
  end: (text: string) => void = () => {};
  fail: (error: Error) => void = () => {};
  readonly signal: AbortSignal;
  readonly done: Promise<string>;

  constructor(signal: AbortSignal) {
    this.signal = signal;
    this.done = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
  }
}

function flights() {
  const begun: SteeredWork[] = [];
  const single = new SingleFlight<SteeredWork>();
  const join = (key = KEY) =>
    single.join(key, (signal) => {
      const work = new SteeredWork(signal);
      begun.push(work);
      return work;
    });
  return { begun, join };
}

describe("one flight", () => {
  it("serves all who want the same at the same time, and nobody else", async () => {
    const { begun, join } = flights();
    const shares = [join(), join(), join()];
    const other = join(OTHERS);
    expect(begun).toHaveLength(2);
    begun[0]?.end("mine");
    begun[1]?.end("theirs");
    expect(await Promise.all([...shares, other].map(({ work }) => work.done))).toEqual([
      "mine",
      "mine",
      "mine",
      "theirs",
    ]);
  });

  it.each(["end", "fail"] as const)(
    "is over with the %s of its work: whoever comes then begins anew",
    async (how) => {
      const { begun, join } = flights();
      const first = join();
      if (how === "end") begun[0]?.end("done");
      else begun[0]?.fail(new Error("no answer"));
      await first.work.done.catch(() => {});
      expect(join().work).not.toBe(first.work);
      first[Symbol.dispose]();
      expect(begun.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    },
  );

  it("goes on for the others when one leaves, however often that one says so", () => {
    const { begun, join } = flights();
    const [leaving, staying] = [join(), join()];
    leaving[Symbol.dispose]();
    leaving[Symbol.dispose]();
    expect(begun[0]?.signal.aborted).toBe(false);
    expect(join().work).toBe(staying.work);
  });

  it("is stopped when the last one leaves, and whoever comes then begins anew", () => {
    const { begun, join } = flights();
    for (const share of [join(), join()]) share[Symbol.dispose]();
    expect(begun[0]?.signal.aborted).toBe(true);
    join();
    expect(begun).toHaveLength(2);
    expect(begun[1]?.signal.aborted).toBe(false);
  });
});
