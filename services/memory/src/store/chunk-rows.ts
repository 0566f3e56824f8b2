import type { Chunk } from "../chunk/chunk.ts";
import { documentWords } from "../search/words.ts";
import type { ChunkRow } from "./statements.ts";

/** A document's chunks as they are stored. Title and headings are found with every chunk below them. */
export function chunkRows(title: string, chunks: readonly Chunk[]): ChunkRow[] {
  const titleWords = documentWords(title).join(" ");
  return chunks.map(({ start, end, text, headings }, ordinal) => {
    const words = documentWords(text);
    return {
      ordinal,
      start_offset: start,
      end_offset: end,
      headings,
      text,
      words: words.length,
      title_words: titleWords,
      heading_words: documentWords(headings.join(" ")).join(" "),
      text_words: words.join(" "),
    };
  });
}
