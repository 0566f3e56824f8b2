import { lexer } from "marked";

/** Blocks of a Markdown text that grows: those before the last are whole and stay as they are, so that only the last is drawn again. */
export type Blocks = { closed: readonly string[]; open: string };

export const NO_BLOCKS: Blocks = { closed: [], open: "" };

/** The blocks of `text`, taken up from those of a shorter state of it so that finished blocks are not read again. */
export function splitBlocks(text: string, before: Blocks): Blocks {
  const source = text.replaceAll("\r\n", "\n");
  const done = before.closed.join("");
  const grown = source.startsWith(done);
  const raw = lexer(grown ? source.slice(done.length) : source).map((token) => token.raw);
  const open = raw.pop() ?? "";
  if (raw.length === 0 && grown) return { closed: before.closed, open };
  return { closed: grown ? [...before.closed, ...raw] : raw, open };
}
