import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { LinkedAbort } from "./linked-abort.ts";

const two = () => [new AbortController(), new AbortController()] as const;

describe("a linked abort", () => {
  it.each([0, 1])("takes the reason of its source number %i", (which) => {
    const sources = two();
    using work = new LinkedAbort(...sources.map(({ signal }) => signal));
    sources[which]?.abort("why");
    expect(work.signal.reason).toBe("why");
  });

  it("is aborted from the start when a source is", () => {
    const [one, other] = two();
    other.abort("before");
    using work = new LinkedAbort(one.signal, other.signal);
    expect(work.signal.reason).toBe("before");
  });

  it("keeps its first reason", () => {
    const [one, other] = two();
    using work = new LinkedAbort(one.signal, other.signal);
    work.abort("own");
    one.abort("late");
    expect(work.signal.reason).toBe("own");
  });

  it("ends the work and leaves its sources when it is disposed of", () => {
    const [one, other] = two();
    const work = new LinkedAbort(one.signal, other.signal);
    expect(getEventListeners(one.signal, "abort")).toHaveLength(1);
    work[Symbol.dispose]();
    expect(work.signal.reason).toHaveProperty("name", "AbortError");
    for (const { signal } of [one, other]) expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(one.signal.aborted).toBe(false);
  });
});
