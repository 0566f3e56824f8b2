import { describe, expect, it } from "vitest";
import type { AnswerQuestion, Json } from "./answer.ts";
import { question, result } from "./fixtures.ts";
import { withToolSources } from "./tool-sources.ts";

const source = { document_id: "d", title: "T", uri: "t.md", page: 0, start: 4, end: 8, quote: "text" };
const passage = { source, score: 1, headings: ["H"] };

function sourcesOf(output: Json): AnswerQuestion {
  return withToolSources(question({ results: [result({ name: "search_knowledge", output })] }));
}

describe("passages that a tool found", () => {
  it("become sources and leave the results", () => {
    const { results, snippets } = sourcesOf({ snippets: [passage] });
    expect(results).toEqual([]);
    expect(snippets).toMatchObject([
      { source: { documentId: "d", title: "T", start: 4, end: 8, quote: "text" }, headings: ["H"] },
    ]);
  });

  it("join what was retrieved, each place once, the tool's first", () => {
    const [found] = sourcesOf({ snippets: [passage] }).snippets;
    if (!found) throw new Error("no source");
    const other = { ...found, source: { ...found.source, documentId: "e" } };
    const asked = question({
      results: [result({ output: { snippets: [passage] } })],
      snippets: [other, { ...found, headings: ["again"] }],
    });
    expect(withToolSources(asked).snippets.map(({ source }) => source.documentId)).toEqual(["d", "e"]);
  });

  it.each<[string, Json]>([
    ["other outputs", { value: 408 }],
    ["lists of other things", { results: [{ city: "Oslo" }] }],
    ["an empty list", { results: [] }],
    ["offsets that do not fit the text", { results: [{ source: { ...source, end: 99 } }] }],
    ["several lists", { snippets: [passage], more: [passage] }],
  ])("are not made of %s", (_, output) => {
    const { results, snippets } = sourcesOf(output);
    expect([results.length, snippets.length]).toEqual([1, 0]);
  });
});
