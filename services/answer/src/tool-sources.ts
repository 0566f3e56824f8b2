import { z } from "zod";
import type { AnswerQuestion, Json, Snippet } from "./answer.ts";

/** A snippet as search tools return it; field names are those of the wire's Snippet. */
const foundSnippet = z.object({
  source: z.object({
    document_id: z.string().min(1),
    title: z.string().default(""),
    uri: z.string().default(""),
    page: z.int().nonnegative().default(0),
    start: z.int().nonnegative(),
    end: z.int().nonnegative(),
    quote: z.string().min(1),
  }),
  headings: z.array(z.string()).default([]),
});

/**
 * Passages that a tool found are sources like those that memory retrieved: they join the snippets, so that they are quoted and
 * cited alike, and leave the tool's result, so that nothing is said twice.
 */
export function withToolSources(question: AnswerQuestion): AnswerQuestion {
  const found: Snippet[] = [];
  const results = question.results.filter((result) => {
    const passages = passagesOf(result.output);
    found.push(...passages);
    return passages.length === 0;
  });
  return found.length === 0
    ? question
    : { ...question, results, snippets: distinct([...found, ...question.snippets]) };
}

/** The passages of an output that consists of them; empty when it says anything else. */
function passagesOf(output: Json | undefined): Snippet[] {
  if (typeof output !== "object" || output === null || Array.isArray(output)) return [];
  const lists = Object.values(output).filter((value) => Array.isArray(value));
  if (lists.length !== 1) return [];
  const parsed = z.array(foundSnippet).safeParse(lists[0]);
  return parsed.success ? parsed.data.flatMap(snippetOf) : [];
}

function snippetOf({ source, headings }: z.output<typeof foundSnippet>): Snippet[] {
  const { document_id: documentId, ...place } = source;
  // Offsets that do not fit their text would make a false citation.
  if (place.end - place.start !== place.quote.length) return [];
  return [{ source: { documentId, ...place }, headings }];
}

function distinct(snippets: readonly Snippet[]): Snippet[] {
  const byPlace = new Map<string, Snippet>();
  for (const snippet of snippets) {
    const { documentId, start, end } = snippet.source;
    const key = `${documentId} ${start} ${end}`;
    if (!byPlace.has(key)) byPlace.set(key, snippet);
  }
  return [...byPlace.values()];
}
