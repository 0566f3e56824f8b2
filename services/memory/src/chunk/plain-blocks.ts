import type { Block } from "./block.ts";
import { linesOf } from "./lines.ts";

/** Paragraphs of plain text: runs of lines between blank ones. */
export function plainBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of linesOf(text)) {
    if (isBlank(text.slice(line.start, line.end))) {
      open = undefined;
    } else if (open) {
      open.end = line.end;
    } else {
      open = { kind: "prose", start: line.start, end: line.end };
      blocks.push(open);
    }
  }
  return blocks;
}

export function isBlank(line: string): boolean {
  return line.trim() === "";
}
