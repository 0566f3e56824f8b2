/** A part of a text at its place: `start` and `end` are UTF-16 offsets. */
export type Span = Readonly<{ start: number; end: number }>;

/** Lines that begin something new: list items, headings, quotes, table rows, fences. */
const NEW_BLOCK = /\n[ \t]*(?:\n|(?=(?:[-*+•]|\d{1,3}[.)]|#{1,6}|>)[ \t]|\||```|~~~))/g;
const MARKER = /^(?:\s|[-*+•>](?=\s)|\d{1,3}[.)](?=\s))+/;
/** The end of "**Cause.** …", which belongs to the sentence before it, as a closing quotation mark does. */
const CLOSING_EMPHASIS = /(?<=[.!?])[*_]{1,3}(?=\s|$)/g;
/** Headings, rules, fences and rows of tables: text that does not read as a sentence. */
const NO_PROSE = /^(?:#{1,6}\s|```|~~~|[-=*_]{3,}\s*$|\|)/;

/** The sentences of a plain or Markdown text, without list marks and outer space; lines that were only wrapped belong together. */
export function sentencesOf(text: string): Span[] {
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  return blocksOf(text).flatMap((block) => {
    // Same length, so that offsets hold.
    const unwrapped = text
      .slice(block.start, block.end)
      .replaceAll("\n", " ")
      .replace(CLOSING_EMPHASIS, (mark) => '"'.repeat(mark.length));
    return [...segmenter.segment(unwrapped)].map(({ segment, index }) => {
      const lead = segment.length - segment.trimStart().length;
      return { start: block.start + index + lead, end: block.start + index + segment.trimEnd().length };
    });
  });
}

function blocksOf(text: string): Span[] {
  const cuts = [...text.matchAll(NEW_BLOCK)].map(({ index, 0: mark }) => index + mark.length);
  return [0, ...cuts].flatMap((start, index) => {
    const end = cuts[index] ?? text.length;
    const block = text.slice(start, end);
    if (NO_PROSE.test(block.trimStart())) return [];
    const lead = MARKER.exec(block)?.[0].length ?? 0;
    return block.trim() === "" ? [] : [{ start: start + lead, end }];
  });
}
