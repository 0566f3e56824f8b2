import type { Caller } from "@forerun/runtime/caller";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CacheKey } from "./cache-key.ts";
import { SingleFlight } from "./single-flight.ts";

const CALLER: Caller = { tenant: "acme", subject: "u1", roles: ["user"] };
const KIND = { name: "note", shape: z.string() };
const KEY = CacheKey.of(CALLER, KIND, { id: 1 });
const never = new AbortController().signal;

/** Work that ends when it is told to, and counts how often it began. */
function steered() {
  const begun: { signal: AbortSignal; end(text: string): void; fail(error: Error): void }[] = [];
  const work = (signal: AbortSignal) =>
    new Promise<string>((end, fail) => {
      begun.push({ signal, end, fail });
      signal.addEventListener("abort", () => fail(signal.reason));
    });
  return { begun, work };
}

describe("one flight", () => {
  it("serves all who want the same at the same time, and ends with them", async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = steered();
    const waiting = [1, 2, 3].map(() => flights.run(KEY, work, never));
    const other = flights.run(CacheKey.of({ ...CALLER, tenant: "other" }, KIND, { id: 1 }), work, never);
    expect(begun).toHaveLength(2);
    begun[0]?.end("mine");
    begun[1]?.end("theirs");
    expect(await Promise.all([...waiting, other])).toEqual(["mine", "mine", "mine", "theirs"]);
    const later = flights.run(KEY, work, never);
    expect(begun).toHaveLength(3);
    begun[2]?.end("again");
    expect(await later).toBe("again");
    expect(begun[0]?.signal.aborted).toBe(false);
  });

  it("tells its failure to all of them, and does not keep it", async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = steered();
    const waiting = [1, 2].map(() => flights.run(KEY, work, never));
    begun[0]?.fail(new Error("no answer"));
    for (const one of waiting) await expect(one).rejects.toThrow("no answer");
    const later = flights.run(KEY, work, never);
    begun[1]?.end("better");
    expect(await later).toBe("better");
  });

  it("goes on for the others when one leaves", async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = steered();
    const leaver = new AbortController();
    const leaving = flights.run(KEY, work, leaver.signal);
    const staying = flights.run(KEY, work, never);
    leaver.abort(new Error("gone"));
    await expect(leaving).rejects.toThrow("gone");
    expect(begun[0]?.signal.aborted).toBe(false);
    begun[0]?.end("done");
    expect(await staying).toBe("done");
  });

  it("is stopped when the last one leaves, and whoever comes then begins anew", async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = steered();
    const leavers = [new AbortController(), new AbortController()];
    const waiting = leavers.map(({ signal }) => flights.run(KEY, work, signal));
    for (const leaver of leavers) leaver.abort(new Error("gone"));
    for (const one of waiting) await expect(one).rejects.toThrow("gone");
    expect(begun[0]?.signal.aborted).toBe(true);
    const fresh = flights.run(KEY, work, never);
    begun[1]?.end("fresh");
    expect(await fresh).toBe("fresh");
  });

  it("is not begun for one who is gone already", async () => {
    const { begun, work } = steered();
    await expect(
      new SingleFlight<string>().run(KEY, work, AbortSignal.abort(new Error("gone"))),
    ).rejects.toThrow("gone");
    expect(begun).toEqual([]);
  });
});
