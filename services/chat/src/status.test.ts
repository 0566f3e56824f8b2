import { describe, expect, it } from "vitest";
import { askParts } from "./status.ts";

describe("what chat needs, when it is asked", () => {
  it("serves, says that it does not, or does not answer", async () => {
    const parts = await askParts([
      { part: "store", serves: async () => true },
      { part: "router", serves: async () => false },
      { part: "answer", serves: () => Promise.reject(new Error("no connection")) },
      { part: "memory", serves: () => new Promise(() => {}) },
    ]);
    expect(parts.map(({ part, state }) => [part, state])).toEqual([
      ["store", "serving"],
      ["router", "not_serving"],
      ["answer", "unreachable"],
      ["memory", "unreachable"],
    ]);
  });
});
