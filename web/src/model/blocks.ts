import { lexer } from "marked";

/** Blocks of a Markdown text that grows: those before the last are whole and stay as they are, so that only the last is drawn again. */
export type Blocks = { closed: readonly string[]; open: string };

export const NO_BLOCKS: Blocks = { closed: [], open: "" };

/** The blocks of `text`, taken up from those of a shorter state of it so that finished blocks are not read again. */
export function splitBlocks(text: string, before: Blocks): Blocks {
  const source = text.replaceAll("\r\n", "\n");
  const known = source.startsWith(before.closed.join("")) ? before.closed : [];
  const rest = source.slice(known.join("").length);
  const fresh = lexer(rest)
    .slice(0, -1)
    .map((token) => token.raw);
  const read = fresh.join("");
  // The lexer words some marks anew ("- " as "-\n"); a block that is not the text's own stays open.
  if (read === "" || !rest.startsWith(read)) return { closed: known, open: rest };
  return { closed: [...known, ...fresh], open: rest.slice(read.length) };
}
