import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClosedCalls } from "./closed-calls.ts";

const WEATHER = { id: "c1", tool: "get_weather", args: { place: 'Ås, "}]{\\', note: "a: b" } };
const TIME = { id: "c2", tool: "current_time", args: { zones: [{ name: "UTC" }, {}] } };

/** What is known after each of the pieces. */
function read(...pieces: string[]): string[][] {
  const reader = new ClosedCalls();
  return pieces.map((piece) => reader.push(piece).map(({ tool }) => tool));
}

function decision(...calls: object[]): string {
  return JSON.stringify({ thought: 'the "calls": [{', action: "call", calls });
}

describe("the calls of a decision that is being written", () => {
  it("are known as soon as each of them has closed", () => {
    const text = decision(WEATHER, TIME);
    const cut = text.indexOf('{"id":"c2"') - 1;
    expect(
      read(text.slice(0, cut - 1), text.slice(cut - 1, cut), text.slice(cut, -2), text.slice(-2)),
    ).toEqual([[], ["get_weather"], ["current_time"], []]);
  });

  it("are the same under every cut, and are those of the whole decision", () => {
    const text = decision(WEATHER, TIME, WEATHER);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length - 3 }), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length - 2];
        const reader = new ClosedCalls();
        const calls = at.slice(1).flatMap((end, index) => [...reader.push(text.slice(at[index], end))]);
        expect(calls).toEqual([WEATHER, TIME, WEATHER]);
      }),
    );
  });

  it("tell nothing of a decision that came whole", () => {
    expect(read(decision(WEATHER))).toEqual([[]]);
    expect(read("```json\n", decision(WEATHER), "\n```")).toEqual([[], [], []]);
  });

  it.each([
    ["a code fence", "```json\n"],
    ["thoughts", '<think>maybe {"action":"call","calls":[{"tool":"x"}]}</think>\n'],
  ])("are found behind %s", (_what, before) => {
    expect(read(before, decision(WEATHER).slice(0, -1))).toEqual([[], ["get_weather"]]);
  });

  it("wait until the action is known to be a call", () => {
    const calls = `{"calls":[${JSON.stringify(WEATHER)}]`;
    expect(read(calls, ',"action":"call"', ',"text":""')).toEqual([[], ["get_weather"], []]);
    expect(read(calls, ',"action":"answer"', ',"text":""')).toEqual([[], [], []]);
  });

  it.each([
    ["a list of another key", '{"action":"call","others":[{"tool":"x","args":{}}],"text":"'],
    ["a call without a tool", '{"action":"call","calls":[{"args":{}}],"text":"'],
    ["a call within a call", '{"action":"call","calls":[{"calls":[{"tool":"x","args":{}}]}],"text":"'],
    ["what is no JSON", '{"action":"call","calls":[{"tool":x}],"text":"'],
    ["brackets without an end", "{".repeat(100_000)],
    ["a text", "I would call get_weather."],
  ])("are none in %s", (_what, text) => {
    expect(read(text, " ").flat()).toEqual([]);
  });

  it("takes any text at all", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        expect(read(...pieces).flat()).toEqual([]);
      }),
    );
  });
});
