import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Patience } from "./patience.ts";

const LONG_MS = 60_000;
const never = () => new Promise<string>(() => {});
const quick = () => Promise.resolve("quick");
const { signal } = new AbortController();

describe("patience", () => {
  it("gives what is done in time, and undefined for what is late", async () => {
    const patience = new Patience();
    expect(await patience.within(LONG_MS, async () => "done", signal)).toBe("done");
    expect(await patience.within(1, never, signal)).toBeUndefined();
  });

  it("ends with the caller", async () => {
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(new Patience().within(LONG_MS, never, gone)).rejects.toThrow("gone");
  });

  it("passes a failure on that comes in time", async () => {
    await expect(
      new Patience().within(LONG_MS, () => Promise.reject(new Error("down")), signal),
    ).rejects.toThrow("down");
  });

  it("does not wait where the work of late took longer, and waits again when it got quicker", async () => {
    const patience = new Patience();
    await patience.within(LONG_MS, () => delay(200, "slow"), signal);
    expect(await patience.within(10, quick, signal)).toBeUndefined();
    let given: string | undefined;
    for (let at = 0; at < 100 && given === undefined; at++) given = await patience.within(10, quick, signal);
    expect(given).toBe("quick");
  });

  it("begins no second work that nobody waits for while the first is under way", async () => {
    const patience = new Patience();
    await patience.within(LONG_MS, () => delay(200, "slow"), signal);
    let begun = 0;
    const counted = () => {
      begun += 1;
      return never();
    };
    for (let at = 0; at < 3; at++) expect(await patience.within(10, counted, signal)).toBeUndefined();
    expect(begun).toBe(1);
  });
});
