import { describe, expect, it } from "vitest";
import type { ToolResult } from "../answer.ts";
import { sayResult } from "./say-result.ts";

const OK: ToolResult = {
  name: "get_weather",
  arguments: {},
  outcome: "ok",
  output: null,
  rendered: "",
  problem: "",
  truncated: false,
};

describe("a tool's result in words", () => {
  it.each<[string, Partial<ToolResult>, string]>([
    ["its own words", { rendered: "17% of 2400 = 408" }, "17% of 2400 = 408."],
    ["its own sentence", { rendered: " It is cold in Oslo. " }, "It is cold in Oslo."],
    ["its own list", { rendered: "- one\n- two" }, "- one\n- two"],
    ["a number", { output: 7 }, "get weather: 7."],
    [
      "values by name",
      { output: { wind_speed: 3.5, unit: "m/s" } },
      "get weather: wind speed 3.5, unit m/s.",
    ],
    ["nested values", { output: { days: [1, 2] } }, "get weather: days [1,2]"],
    ["nothing", { output: null }, "get weather found nothing."],
    ["a cut one", { rendered: "Much", truncated: true }, "Much. (The result was too long and has been cut.)"],
    [
      "a failure",
      { outcome: "failed", problem: "No such place" },
      "I could not use get weather: No such place.",
    ],
    [
      "a failure without words",
      { outcome: "failed" },
      "I could not use get weather: it failed without a reason.",
    ],
    ["a refusal", { outcome: "denied", problem: "It writes." }, "I did not use get weather: It writes."],
    ["a stop", { outcome: "stopped" }, "I stopped get weather before it had finished."],
  ])("%s", (_, change, words) => {
    expect(sayResult({ ...OK, ...change })).toBe(words);
  });
});
