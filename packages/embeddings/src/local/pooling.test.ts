import { describe, expect, it } from "vitest";
import { poolTokens } from "./pooling.ts";

/** Three tokens of two numbers. */
const TOKENS = Float32Array.of(3, 4, 0, 8, 9, 0);

describe("a sentence's vector", () => {
  it("is the tokens' mean, scaled to length 1", () => {
    expect([...poolTokens(TOKENS, 2, "mean")]).toEqual([
      expect.closeTo(Math.SQRT1_2, 5),
      expect.closeTo(Math.SQRT1_2, 5),
    ]);
  });

  it("is the first token where the model was trained so", () => {
    expect([...poolTokens(TOKENS, 2, "first")]).toEqual([expect.closeTo(0.6, 5), expect.closeTo(0.8, 5)]);
  });

  it("stays nothing where the tokens say nothing", () => {
    expect([...poolTokens(new Float32Array(4), 2, "mean")]).toEqual([0, 0]);
  });
});
