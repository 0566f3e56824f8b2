import { expect, it } from "vitest";
import { NO_USAGE } from "./turn.ts";
import { addUsage } from "./usage.ts";

const most = 2 ** 31 - 1;

it("adds the parts of two usages", () => {
  const one = { ...NO_USAGE, modelCalls: 1, inputTokens: 10, cachedTokens: 4 };
  const sum = { ...NO_USAGE, modelCalls: 2, inputTokens: 20, cachedTokens: 8 };
  expect(addUsage(one, one)).toEqual(sum);
});

it("stays within what an event can hold", () => {
  const huge = { ...NO_USAGE, outputTokens: most, costMicros: most };
  expect(addUsage(huge, huge)).toEqual(huge);
});
