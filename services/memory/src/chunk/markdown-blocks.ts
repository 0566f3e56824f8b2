import type { Block } from "./block.ts";
import { type Line, linesOf } from "./lines.ts";
import { isBlank } from "./plain-blocks.ts";

const ATX_HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const SETEXT_UNDERLINE = /^ {0,3}(?:(=+)|-+)[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
/** Lines that an underline below does not make a heading: list items, quotes, table rows. */
const NOT_A_TITLE = /^\s*(?:[-*+>|]|\d+[.)])|\|/;
const MAX_TITLE_LENGTH = 200;

type Fence = { mark: string; length: number };

/** Blocks of a Markdown document: headings, fenced code, and paragraphs (lists and tables count as such). */
export function markdownBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let fence: Fence | undefined;
  const frontMatterEnd = endOfFrontMatter(text);
  for (const line of linesOf(text)) {
    const content = text.slice(line.start, line.end);
    if (fence) {
      if (open) open.end = line.end;
      if (closes(content, fence)) fence = open = undefined;
      continue;
    }
    fence = fenceOpenedBy(content);
    if (fence) open = begin(blocks, "code", line);
    else if (isBlank(content)) open = undefined;
    else if (line.start < frontMatterEnd) open = extend(blocks, open, line);
    else {
      const heading = headingAt(text, line, content, open);
      if (heading) {
        if (heading.start === open?.start) blocks.pop();
        blocks.push(heading);
        open = undefined;
      } else open = extend(blocks, open, line);
    }
  }
  return blocks;
}

function begin(blocks: Block[], kind: "code" | "prose", line: Line): Block {
  const block: Block = { kind, start: line.start, end: line.end };
  blocks.push(block);
  return block;
}

function extend(blocks: Block[], open: Block | undefined, line: Line): Block {
  if (!open) return begin(blocks, "prose", line);
  open.end = line.end;
  return open;
}

/** An ATX heading on this line, or a setext one whose title is the whole open paragraph: a single line above this one. */
function headingAt(text: string, line: Line, content: string, open: Block | undefined): Block | undefined {
  const atx = ATX_HEADING.exec(content);
  if (atx) {
    const title = titleOf(atx[2] ?? "");
    return { kind: "heading", start: line.start, end: line.end, level: atx[1]?.length ?? 1, title };
  }
  const underline = SETEXT_UNDERLINE.exec(content);
  if (!underline || open?.kind !== "prose") return undefined;
  const above = text.slice(open.start, open.end);
  if (/[\r\n]/.test(above) || NOT_A_TITLE.test(above)) return undefined;
  return {
    kind: "heading",
    start: open.start,
    end: line.end,
    level: underline[1] ? 1 : 2,
    title: titleOf(above),
  };
}

/** A heading's words without its closing marks and those of inline Markdown. Cut first, so that a hostile line costs little. */
function titleOf(source: string): string {
  return source
    .slice(0, 4 * MAX_TITLE_LENGTH)
    .replace(/(?:^|[ \t]+)#+[ \t]*$/, "")
    .replace(/!?\[([^\][]*)\]\([^()]*\)/g, "$1")
    .replace(/[*`]+|(?<!\w)_+|_+(?!\w)/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MAX_TITLE_LENGTH)
    .toWellFormed();
}

function fenceOpenedBy(content: string): Fence | undefined {
  const [, mark, info] = FENCE.exec(content) ?? [];
  // A backtick in the info string means inline code, not a fence.
  if (!mark || (mark.startsWith("`") && info?.includes("`"))) return undefined;
  return { mark: mark.charAt(0), length: mark.length };
}

function closes(content: string, fence: Fence): boolean {
  const [, mark, rest] = FENCE.exec(content) ?? [];
  if (!mark?.startsWith(fence.mark)) return false;
  return mark.length >= fence.length && isBlank(rest ?? "");
}

/** Offset after a YAML header, which must not be taken for headings; 0 without one. */
function endOfFrontMatter(text: string): number {
  const lines = linesOf(text);
  const first = lines.next();
  if (first.done || text.slice(0, first.value.end).trimEnd() !== "---") return 0;
  for (const line of lines) {
    if (/^(?:---|\.\.\.)\s*$/.test(text.slice(line.start, line.end))) return line.next;
  }
  return 0;
}
