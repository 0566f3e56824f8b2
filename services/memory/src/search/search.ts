import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { SEARCH, type SearchRow } from "../store/search-statement.ts";
import { parseSearchQuery } from "./search-query.ts";
import type { Snippet } from "./snippet.ts";

/** The caller's snippets nearest to a question, best first; none when no content word of it occurs. */
export async function search(
  db: Database,
  caller: Caller,
  question: { text: string; k: number; timeoutMs?: number | undefined },
): Promise<Snippet[]> {
  const { words, phrases } = parseSearchQuery(question.text);
  if (words.length === 0) return [];
  const options = question.timeoutMs === undefined ? {} : { timeoutMs: question.timeoutMs };
  const rows = await db.query<SearchRow>(caller, SEARCH, [words, phrases, question.k], options);
  return rows.map((row) => ({
    documentId: row.document_id,
    title: row.title,
    uri: row.uri,
    start: row.start_offset,
    end: row.end_offset,
    text: row.text,
    headings: row.headings,
    score: row.score,
  }));
}
