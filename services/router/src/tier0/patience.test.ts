import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Patience } from "./patience.ts";

const LONG_MS = 60_000;
const never = new Promise<string>(() => {});
const { signal } = new AbortController();

describe("patience", () => {
  it("gives what is done in time, and undefined for what is late", async () => {
    const patience = new Patience();
    expect(await patience.within(LONG_MS, Promise.resolve("done"), signal)).toBe("done");
    expect(await patience.within(1, never, signal)).toBeUndefined();
  });

  it("ends with the caller", async () => {
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(new Patience().within(LONG_MS, never, gone)).rejects.toThrow("gone");
  });

  it("passes a failure on that comes in time", async () => {
    await expect(new Patience().within(LONG_MS, Promise.reject(new Error("down")), signal)).rejects.toThrow(
      "down",
    );
  });

  it("does not wait where the work of late took longer, and waits again when it got quicker", async () => {
    const patience = new Patience();
    await patience.within(LONG_MS, delay(200, "slow"), signal);
    expect(await patience.within(10, Promise.resolve("quick"), signal)).toBeUndefined();
    let given: string | undefined;
    for (let at = 0; at < 100 && given === undefined; at++)
      given = await patience.within(10, Promise.resolve("quick"), signal);
    expect(given).toBe("quick");
  });
});
