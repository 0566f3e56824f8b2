import type { CountTokens } from "@forerun/llm/count-tokens";

/** Of a text that is cut, this share of what is kept comes from its beginning and the rest from its end. */
const SHARE_OF_BEGINNING = 0.7;

/** The text with its middle left out, saying so, so that it costs `tokens` at most; empty when not even the note fits. */
export function shortened(text: string, tokens: number, count: CountTokens): string {
  const whole = count(text);
  if (whole <= tokens) return text;
  for (let kept = (text.length * tokens) / whole; kept >= 1; kept *= 0.9) {
    const cut = withoutMiddle(text, Math.floor(kept));
    if (count(cut) <= tokens) return cut;
  }
  const note = withoutMiddle(text, 0);
  return count(note) <= tokens ? note : "";
}

function withoutMiddle(text: string, kept: number): string {
  const beginning = Math.ceil(kept * SHARE_OF_BEGINNING);
  const end = kept - beginning;
  const note = `[${text.length - kept} characters left out]`;
  const parts = [text.slice(0, beginning), note, end > 0 ? text.slice(-end) : ""];
  return parts
    .filter((part) => part !== "")
    .join("\n")
    .toWellFormed();
}

/**
 * The size to which items have to be cut so that together they take `room` at most: only those that are larger than it are cut, so
 * that long ones give way and short ones stay whole. Infinity when nothing has to be cut.
 */
export function waterLevel(sizes: readonly number[], room: number): number {
  let left = room;
  const ascending = sizes.toSorted((a, b) => a - b);
  for (const [index, size] of ascending.entries()) {
    const share = left / (ascending.length - index);
    if (size > share) return Math.max(0, Math.floor(share));
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}
