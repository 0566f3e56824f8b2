import type { Block } from "./block.ts";
import { offsetWithin } from "./size.ts";

export type Span = { start: number; end: number };

/** Where prose may be cut, best first: after a sentence, a line, a word. */
const PROSE_BREAKS = [/[.!?…]["'”’)\]]*\s+|[。！？]/g, /\r\n|\n|\r/g, /\s+/g];
const CODE_BREAKS = [/\r\n|\n|\r/g, /\s+/g];
/** A character that continues the one before it: marks (variation selectors among them), joiners, skin tones. */
const CONTINUES = /^(?:\p{M}|\u200d|\p{Emoji_Modifier})/u;
const LONGEST_CLUSTER = 32;

/** Cuts a block into pieces of at most `size`, each but the last at least half of it. */
export function split(text: string, block: Block, size: number): Span[] {
  const breaks = block.kind === "code" ? CODE_BREAKS : PROSE_BREAKS;
  const spans: Span[] = [];
  let start = block.start;
  while (start < block.end) {
    const limit = offsetWithin(text, start, block.end, size);
    const end = limit === block.end ? limit : cutBefore(text, start, limit, breaks);
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

function cutBefore(text: string, start: number, limit: number, breaks: readonly RegExp[]): number {
  const window = text.slice(start, limit);
  for (const pattern of breaks) {
    let last = 0;
    for (const match of window.matchAll(pattern)) last = match.index + match[0].length;
    if (last >= window.length / 2)
      return withinCharacter(text, start + last) ? start + last - 1 : start + last;
  }
  let cut = limit;
  while (limit - cut < LONGEST_CLUSTER && cut > start + 1 && withinCluster(text, cut)) cut--;
  if (cut <= start + 1 || limit - cut === LONGEST_CLUSTER) cut = limit;
  return withinCharacter(text, cut) ? cut - 1 : cut;
}

function withinCluster(text: string, at: number): boolean {
  return (
    withinCharacter(text, at) || CONTINUES.test(text.slice(at, at + 2)) || text.charAt(at - 1) === "\u200d"
  );
}

/** Between the halves of a surrogate pair, or of CRLF. */
function withinCharacter(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  const pair = before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
  return pair || (before === 0x0d && after === 0x0a);
}
