import { describe, expect, it } from "vitest";
import { settleUsage } from "./settle-usage.ts";

const REQUEST = { messages: [{ role: "user" as const, content: "What is the capital of Norway?" }] };
const PRICE = { input: 3, output: 15, cached: 0.3 };

describe("what a call cost", () => {
  it("is counted by the endpoint and priced by kind", async () => {
    const reported = { inputTokens: 1_000, cachedTokens: 600, outputTokens: 200 };
    expect(await settleUsage(reported, REQUEST, "Oslo", PRICE)).toEqual({
      ...reported,
      costMicros: 400 * 3 + 600 * 0.3 + 200 * 15,
    });
  });

  it("takes cached input for any other where it has no price of its own", async () => {
    const reported = { inputTokens: 10, cachedTokens: 10, outputTokens: 0 };
    const { costMicros } = await settleUsage(reported, REQUEST, "", { input: 3, output: 15 });
    expect(costMicros).toBe(30);
  });

  it.each([
    ["did not count", undefined],
    ["counted nothing", { inputTokens: 0, cachedTokens: 0, outputTokens: 0 }],
  ])("is estimated when the endpoint %s", async (_, reported) => {
    expect(await settleUsage(reported, REQUEST, "The capital is Oslo.", undefined)).toEqual({
      inputTokens: 7 + 4,
      outputTokens: 5,
      cachedTokens: 0,
      costMicros: 0,
    });
  });

  it("counts the schema and the tools in an estimate, which the endpoint reads too", async () => {
    const plain = await settleUsage(undefined, REQUEST, "", undefined);
    const responseSchema = { name: "city", schema: { type: "object" } };
    const tools = { list: [], choice: "auto", single: false } as const;
    const more = await settleUsage(undefined, { ...REQUEST, responseSchema, tools }, "", undefined);
    expect(more.inputTokens).toBeGreaterThan(plain.inputTokens + 5);
  });

  it("stays within the 32 bits of the wire", async () => {
    const reported = { inputTokens: 2 ** 31 - 1, cachedTokens: 0, outputTokens: 2 ** 31 - 1 };
    expect((await settleUsage(reported, REQUEST, "", PRICE)).costMicros).toBe(2 ** 31 - 1);
  });
});
