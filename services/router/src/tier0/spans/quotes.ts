import type { Span } from "./span.ts";

const PAIRS: Readonly<Record<string, string>> = {
  '"': '"',
  "“": "”",
  "‘": "’",
  "`": "`",
  "「": "」",
  "«": "»",
  "'": "'",
};

/** Quoted stretches without their quotes. An apostrophe inside a word opens and closes nothing. */
export function findQuotes(text: string): Span[] {
  const found: Span[] = [];
  for (let i = 0; i < text.length; i++) {
    const close = PAIRS[text[i] ?? ""];
    if (close === undefined || (text[i] === "'" && isWordCharacter(text[i - 1]))) continue;
    const end = closing(text, i, close);
    if (end === undefined) continue;
    const inner = text.slice(i + 1, end);
    if (inner.trim() !== "") found.push({ start: i + 1, end, text: inner.trim() });
    i = end;
  }
  return found;
}

const LONGEST_QUOTE = 1000;

function closing(text: string, open: number, close: string): number | undefined {
  for (let end = text.indexOf(close, open + 1); end >= 0; end = text.indexOf(close, end + 1)) {
    if (end - open > LONGEST_QUOTE) return undefined;
    const apostrophe = (close === "'" || close === "’") && isWordCharacter(text[end + 1]);
    if (!apostrophe) return end;
  }
  return undefined;
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{Nd}]/u.test(character);
}
