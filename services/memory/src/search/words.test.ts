import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSearchQuery } from "./search-query.ts";
import { documentWords, queryWords } from "./words.ts";

describe("queryWords", () => {
  it.each([
    ["Hello, World!", ["hello", "world"]],
    ["it's don't can’t we'll O'Brien", ["it", "do", "can", "we", "o", "brien"]],
    ["Ålesund ÉCOLE naïve straße", ["alesund", "ecole", "naive", "straße"]],
    ["ﬁne ｆｕｌｌ Ⅳ", ["fine", "full", "iv"]],
    ["MAX_MESSAGE_BYTES turn-log.ts v1.2", ["max", "message", "bytes", "turn", "log", "ts", "v1", "2"]],
    ["東京タワー 港", ["東京", "京タ", "タワ", "ワー", "港"]],
    ["GPT4は良い", ["gpt4", "は良", "良い"]],
    ["йод हिन्दी", ["иод", "हिन्दी"]],
  ])("reads %j as %j", (text, words) => {
    expect(queryWords(text)).toEqual(words);
  });

  it("leaves out runs too long to be words", () => {
    expect(queryWords(`key ${"a".repeat(65)} end`)).toEqual(["key", "end"]);
  });
});

describe("documentWords", () => {
  it("adds the parts of identifiers, so that either spelling finds them", () => {
    expect(documentWords("parseHTTPResponse v2Beta")).toEqual([
      "parsehttpresponse",
      "parse",
      "http",
      "response",
      "v2beta",
      "v2",
      "beta",
    ]);
  });

  it("holds every word of the same text as a query", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const words = new Set(documentWords(text));
        for (const word of queryWords(text)) expect(words).toContain(word);
      }),
    );
  });
});

describe("parseSearchQuery", () => {
  it("drops how a request opens and keeps what it is about", () => {
    expect(parseSearchQuery("Could you please tell me about the list of tools?").words).toEqual(["tools"]);
    expect(parseSearchQuery("sort a linked list").words).toEqual(["sort", "a", "linked", "list"]);
  });

  it("takes a request of openings alone literally", () => {
    expect(parseSearchQuery("Who are you?").words).toEqual(["who", "are", "you"]);
  });

  it("pairs words across function words", () => {
    expect(parseSearchQuery("capital of Norway").phrases).toEqual([
      "capital of",
      "capital of norway",
      "of norway",
    ]);
  });

  it("is bounded for any length", () => {
    const { words, phrases } = parseSearchQuery(Array.from({ length: 100_000 }, (_, n) => `w${n}`).join(" "));
    expect(words.length).toBeLessThanOrEqual(48);
    expect(phrases.length).toBeLessThan(150);
  });
});
