import { describe, expect, it } from "vitest";
import { type RoutedLine, type RouteLinesOptions, routeLines } from "./route-lines.ts";
import { bookTable, builtIns } from "./tier0/fixtures.ts";
import { topicEmbedder } from "./tier0/topic-embedder.fixture.ts";

const OPTIONS = {
  tools: builtIns,
  top: 3,
  now: new Date("2026-03-01T12:00:00Z"),
  signal: new AbortController().signal,
};

async function route(lines: readonly string[], options: RouteLinesOptions = OPTIONS): Promise<RoutedLine[]> {
  const routed: RoutedLine[] = [];
  for await (const line of routeLines(lines, options)) routed.push(line);
  return routed;
}

const parsed = async (line: object) => JSON.parse((await route([JSON.stringify(line)]))[0]?.text ?? "null");

describe("routing JSON lines", () => {
  it("gives one result a line, in their order, with their ids", async () => {
    const texts = ["17% of 2400", "hello", "weather in Bergen"];
    const routed = await route(texts.map((text, at) => JSON.stringify({ id: `q${at}`, text })));
    const results = routed.map(({ text }) => JSON.parse(text));
    expect(results.map(({ id, action }) => [id, action])).toEqual([
      ["q0", "call"],
      ["q1", "answer"],
      ["q2", "call"],
    ]);
    expect(routed.every(({ ok }) => ok)).toBe(true);
  });

  it("ranks by meaning too where there is an embedder, also the tools that a line brings", async () => {
    const { embedder } = topicEmbedder();
    const text = "Are galoshes wise in Bergen?";
    const lines = [JSON.stringify({ text }), JSON.stringify({ text, tools: [...builtIns, bookTable] })];
    const weather = (routed: RoutedLine[]): number[] =>
      routed.map((line) => {
        const { candidates } = JSON.parse(line.text) as { candidates: { name: string; p_tool: number }[] };
        return candidates.find(({ name }) => name === "get_weather")?.p_tool ?? 0;
      });
    const byWords = weather(await route(lines));
    const byMeaning = weather(await route(lines, { ...OPTIONS, embedder }));
    for (const [at, p] of byMeaning.entries()) expect(p).toBeGreaterThan(2 * (byWords[at] ?? 1));
  });

  it("stops at an embedder that fails", async () => {
    const { embedder, fail } = topicEmbedder();
    fail(new Error("down"));
    const lines = [JSON.stringify({ text: "weather in Bergen" })];
    await expect(route(lines, { ...OPTIONS, embedder })).rejects.toThrow("down");
  });

  it("prints what is promised, and no more", async () => {
    const result = await parsed({ id: 7, text: "17% of 2400" });
    expect(result).toEqual({
      id: 7,
      action: "call",
      calls: [
        {
          name: "calculator",
          arguments: { expression: "17% of 2400" },
          p_tool: expect.any(Number),
          p_arguments: expect.any(Number),
          missing: [],
        },
      ],
      confidence: expect.any(Number),
      candidates: expect.arrayContaining([{ name: "calculator", p_tool: expect.any(Number) }]),
      tier: 0,
      policy_version: expect.stringMatching(/^tier0-/),
      reason: "matched",
      us: expect.any(Number),
    });
    expect(result.candidates.length).toBeLessThanOrEqual(3);
  });

  it("uses a line's own tools, time and zone", async () => {
    const own = await parsed({ text: "book a table at Osteria Nuova for 4 people", tools: [bookTable] });
    expect(own.calls[0]).toMatchObject({
      name: "book_table",
      arguments: { restaurant: "Osteria Nuova", guests: 4 },
    });
    const dated = await parsed({
      text: "weather in Oslo tomorrow",
      now: "2030-12-31T20:00:00Z",
      time_zone: "Asia/Tokyo",
    });
    expect(dated.calls[0].arguments).toEqual({ place: "Oslo", date: "2031-01-02" });
  });

  it("reads the last message of the user in the light of those before", async () => {
    const messages = [
      { role: "user", content: "what's the weather in Oslo?" },
      { role: "assistant", content: "4 degrees." },
      { role: "user", content: "and in Paris?" },
    ];
    expect((await parsed({ messages })).calls[0]).toMatchObject({
      name: "get_weather",
      arguments: { place: "Paris" },
    });
  });

  it("passes over blank lines", async () => {
    expect(await route(["", "  ", '{"text":"hello"}'])).toHaveLength(1);
  });

  it.each([
    ["{not json", /not JSON/],
    ["[]", /object/],
    ['"text"', /object/],
    ["{}", /text or messages/],
    ['{"text":"a","messages":[]}', /text or messages/],
    ['{"text":7}', /^text/],
    ['{"messages":[{"role":"assistant","content":"hi"}]}', /user/],
    ['{"text":"a","now":"yesterday"}', /^now/],
    ['{"text":"a","time_zone":"Mars/Base"}', /time_zone/],
    ['{"text":"a","tools":[{"description":"nameless"}]}', /^tools\.0\.name/],
    ['{"text":"a","tools":{}}', /^tools/],
  ])("answers %s with an error in its place and goes on", async (bad, message) => {
    const [first, second, third] = await route([
      '{"id":"a","text":"hello"}',
      bad,
      '{"id":"b","text":"hello"}',
    ]);
    const error = JSON.parse(second?.text ?? "{}");
    expect(error).toMatchObject({ id: null, line: 2, error: { code: "FR-E1901" } });
    expect(error.error.message).toMatch(message);
    expect([first?.ok, second?.ok, third?.ok]).toEqual([true, false, true]);
  });
});
