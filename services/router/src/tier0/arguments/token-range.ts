import type { Token } from "../text/tokens.ts";

/** The tokens [from, to) that a stretch of the text covers. */
export function tokenRange(
  tokens: readonly Token[],
  start: number,
  end: number,
): { from: number; to: number } {
  const from = firstEndingAfter(tokens, start);
  let to = from;
  while (to < tokens.length && (tokens[to]?.start ?? 0) < end) to++;
  return { from, to };
}

function firstEndingAfter(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
