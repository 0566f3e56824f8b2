import type { Caller } from "@forerun/runtime/caller";
import { defineTool, type Tool, ToolFailure } from "@forerun/toolkit";
import { z } from "zod";

/** What was found in the tenant's documents; field names are those of the wire's Snippet. */
const SNIPPET = z.strictObject({
  source: z.strictObject({
    document_id: z.string(),
    title: z.string(),
    uri: z.string(),
    page: z.int(),
    start: z.int().describe("First quoted character of the document's text, in UTF-16 code units."),
    end: z.int(),
    quote: z.string(),
  }),
  score: z.number(),
  headings: z.array(z.string()),
});
export type KnowledgeSnippet = z.output<typeof SNIPPET>;

export type SearchOutcome =
  | { kind: "ok"; snippets: KnowledgeSnippet[] }
  | { kind: "unreachable"; reason: string };

export type SearchKnowledge = (
  query: { text: string; k: number },
  scope: { caller: Caller; signal: AbortSignal; deadline: Date; trace: string | undefined },
) => Promise<SearchOutcome>;

const MAX_SAID = 3;

/** The caller's own documents. */
export function searchKnowledge(search: SearchKnowledge): Tool {
  return defineTool({
    name: "search_knowledge",
    description:
      "Searches the documents that were added to the knowledge base and returns the passages that fit best, with their source.",
    effect: "read",
    input: z.strictObject({
      query: z.string().min(1).max(2000).describe("What to look for, in the user's words."),
      k: z.int().min(1).max(20).default(5).describe("Passages at most."),
    }),
    output: z.strictObject({ snippets: z.array(SNIPPET) }),
    examples: [
      { text: "what do our documents say about refunds?", arguments: { query: "refunds" } },
      { text: "search the knowledge base for the vacation policy", arguments: { query: "vacation policy" } },
      { text: "find the section on authentication in the docs", arguments: { query: "authentication" } },
      { text: "look up error codes in the manual", arguments: { query: "error codes" } },
      { text: "according to the handbook, how do I request access?", arguments: { query: "request access" } },
    ],
    timeoutMs: 3000,
    cacheTtlMs: 0,
    async run({ query, k }, scope) {
      const outcome = await search({ text: query, k }, scope);
      if (outcome.kind === "ok") return { snippets: outcome.snippets };
      throw new ToolFailure("unreachable", `The knowledge base cannot be searched now (${outcome.reason}).`);
    },
    render({ snippets }) {
      if (snippets.length === 0) return "Nothing in the knowledge base fits.";
      return snippets
        .slice(0, MAX_SAID)
        .map(({ source }) => `${source.title}: ${source.quote.trim()}`)
        .join("\n\n");
    },
  });
}
