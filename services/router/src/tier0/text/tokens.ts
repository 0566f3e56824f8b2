import { stem } from "./stem.ts";

/** A word, a run of digits or one punctuation mark of a text; `start` and `end` are UTF-16 offsets. */
export type Token = Readonly<{
  kind: "word" | "number" | "mark";
  text: string;
  lower: string;
  stem: string;
  start: number;
  end: number;
  /** Begins with an upper-case letter. */
  capital: boolean;
}>;

// One alternative per character class, no nesting: linear in the text.
const TOKEN = /[\p{L}\p{M}]+(?:['’][\p{L}]+)?|\p{Nd}+|[^\s]/gu;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const word = match[0];
    const lower = word.toLowerCase();
    const kind = /^\p{L}/u.test(word) ? "word" : /^\p{Nd}/u.test(word) ? "number" : "mark";
    tokens.push({
      kind,
      text: word,
      lower,
      stem: kind === "word" ? stem(lower.replace(/['’]s$/, "")) : lower,
      start: match.index,
      end: match.index + word.length,
      capital: /^\p{Lu}/u.test(word),
    });
  }
  return tokens;
}

/** The lower-case words of an identifier: camelCase, snake_case, kebab-case, dots and trailing digits are split. */
export function identifierWords(identifier: string): string[] {
  return identifier
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replace(/(\p{L})(\p{Nd})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{Nd}]+/u)
    .filter((word) => word !== "");
}
