import type { MediaType } from "../document.ts";
import type { Block } from "./block.ts";
import { markdownBlocks } from "./markdown-blocks.ts";
import { plainBlocks } from "./plain-blocks.ts";
import { MAX_CODE_SIZE, MAX_SIZE, sizeOf, TARGET_SIZE } from "./size.ts";
import { type Span, split } from "./split.ts";

/** A stretch of a document, small enough for a prompt: `text` is exactly `document.slice(start, end)`. */
export type Chunk = {
  /** UTF-16 offsets into the document. */
  start: number;
  end: number;
  text: string;
  /** The headings it stands under, outermost first. */
  headings: string[];
};

/** Cuts a document at its headings, then between paragraphs, into chunks of about 200 to 350 tokens; every character but white space is in exactly one. */
export function chunk(text: string, mediaType: MediaType): Chunk[] {
  const blocks = mediaType === "text/markdown" ? markdownBlocks(text) : plainBlocks(text);
  return sectionsOf(blocks).flatMap((section) =>
    pack(text, section.blocks)
      .map((span) => trim(text, span))
      .filter((span) => span.end > span.start)
      .map((span) => ({ ...span, text: text.slice(span.start, span.end), headings: section.headings })),
  );
}

type Section = { headings: string[]; blocks: Block[] };

/** A section is its heading and what follows up to the next one. A heading without a body opens the section after it. */
function sectionsOf(blocks: readonly Block[]): Section[] {
  const sections: Section[] = [];
  const path: { level: number; title: string }[] = [];
  for (const block of blocks) {
    const last = sections.at(-1);
    if (block.kind !== "heading" && last) {
      last.blocks.push(block);
      continue;
    }
    if (block.kind === "heading") {
      while ((path.at(-1)?.level ?? 0) >= block.level) path.pop();
      path.push(block);
    }
    const headings = path.map(({ title }) => title).filter((title) => title !== "");
    if (last?.blocks.at(-1)?.kind === "heading") {
      last.headings = headings;
      last.blocks.push(block);
    } else sections.push({ headings, blocks: [block] });
  }
  return sections;
}

/** Joins blocks that follow each other until the target is reached, and cuts those that are too large alone. */
function pack(text: string, blocks: readonly Block[]): Span[] {
  const spans: Span[] = [];
  let open: (Span & { size: number }) | undefined;
  for (const block of blocks) {
    const limit = block.kind === "code" ? MAX_CODE_SIZE : MAX_SIZE;
    const size = sizeOf(text, block.start, block.end);
    const pieces = size > limit ? split(text, block, TARGET_SIZE) : [block];
    for (const piece of pieces) {
      const pieceSize = sizeOf(text, piece.start, piece.end);
      const joined = open ? open.size + (piece.start - open.end) + pieceSize : 0;
      if (open && joined <= MAX_SIZE) {
        open.end = piece.end;
        open.size = joined;
      } else {
        open = { start: piece.start, end: piece.end, size: pieceSize };
        spans.push(open);
      }
    }
  }
  return spans;
}

/** Without line breaks before and white space after; indentation stays, as it means something in code. */
function trim(text: string, span: Span): Span {
  const source = text.slice(span.start, span.end);
  const end = span.start + source.trimEnd().length;
  const leading = /^(?:[^\S\r\n]*(?:\r\n|\n|\r))*/.exec(source)?.[0].length ?? 0;
  return { start: Math.min(span.start + leading, end), end };
}
