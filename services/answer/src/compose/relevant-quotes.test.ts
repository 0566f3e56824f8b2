import { describe, expect, it } from "vitest";
import type { Snippet } from "../answer.ts";
import { relevantQuotes } from "./relevant-quotes.ts";

const DOCUMENT = `# Turn log

A turn is a server-side object. Clients attach and detach from it as they like.

Retention is set per tenant. Erasure of a subject reaches
every store and ends with a receipt.

- The sweeper ends what nobody can adopt.
`;

function snippet(from: string, to: string, documentId = "d1"): Snippet {
  const start = DOCUMENT.indexOf(from);
  const end = DOCUMENT.indexOf(to) + to.length;
  const quote = DOCUMENT.slice(start, end);
  return {
    source: { documentId, title: "Turn log", uri: "log.md", page: 0, start, end, quote },
    headings: [],
  };
}

const snippets = [snippet("A turn is", "as they like."), snippet("Retention", "nobody can adopt.")];

describe("quotes for a question", () => {
  it.each([
    ["What does the sweeper end?", "The sweeper ends what nobody can adopt."],
    [
      "Which stores does erasure reach?",
      "Erasure of a subject reaches\nevery store and ends with a receipt.",
    ],
    ["do clients detach", "Clients attach and detach from it as they like."],
  ])("%s", (question, quote) => {
    const [best] = relevantQuotes(question, snippets, 0.3);
    expect(best?.quote).toBe(quote);
  });

  it("are exact parts of the document, at the offsets they name", () => {
    const quotes = relevantQuotes("Is retention set per tenant, and what of erasure?", snippets, 0.2);
    expect(quotes.length).toBeGreaterThan(0);
    for (const { start, end, quote } of quotes) expect(DOCUMENT.slice(start, end)).toBe(quote);
    expect(quotes[0]?.quote).toMatch(/^Retention is set per tenant\. Erasure/);
  });

  it("are none when nothing speaks of the question", () => {
    expect(relevantQuotes("Who painted the Mona Lisa?", snippets, 0.3)).toEqual([]);
    expect(relevantQuotes("what is it?", snippets, 0.3)).toEqual([]);
    expect(relevantQuotes("sweeper", [], 0.3)).toEqual([]);
  });

  it("do not overlap where chunks do", () => {
    const overlapping = [snippet("A turn is", "as they like."), snippet("A turn is", "per tenant.")];
    expect(relevantQuotes("turn server-side object", overlapping, 0.3)).toHaveLength(1);
  });
});
