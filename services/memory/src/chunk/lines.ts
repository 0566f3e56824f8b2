/** One line as UTF-16 offsets: [start, end) without its line break, `next` after it. */
export type Line = { start: number; end: number; next: number };

/** Lines of a text that ends them with LF, CRLF or CR. */
export function* linesOf(text: string): Generator<Line> {
  const breaks = /\r\n|\n|\r/g;
  let start = 0;
  for (let match = breaks.exec(text); match; match = breaks.exec(text)) {
    yield { start, end: match.index, next: breaks.lastIndex };
    start = breaks.lastIndex;
  }
  if (start < text.length) yield { start, end: text.length, next: text.length };
}
