import { type Token, tokenize } from "../text/tokens.ts";

/** Why no tool is called; stable names, shown as `reason`. */
export type AbstainReason =
  | "empty"
  | "no_tools"
  | "tools_off"
  | "long_text"
  | "pasted_text"
  | "non_latin"
  | "conversational"
  | "negated"
  | "ambiguous_tools"
  | "little_understood"
  | "below_threshold"
  | "unsure_arguments"
  | "missing_arguments"
  | "invalid_arguments";

/** Long text resembles every tool. */
const LONGEST_WORDS = 80;
const LONGEST_CHARACTERS = 4000;
const MOST_LINES = 10;
const NON_LATIN_SHARE = 0.3;

const SMALL_TALK = new Set(
  (
    "yes yeah yep yup no nope nah ok okay sure thanks thank you thx cheers hi hello hey bye goodbye good morning evening night great nice cool " +
    "please do it go ahead right correct exactly maybe perhaps sounds fine alright got that lol wow sorry welcome never mind nothing " +
    "leave forget skip"
  ).split(" "),
);
const DECLINING = new Set("no nope nah never nothing leave forget skip".split(" "));

/** Reasons that hold whatever tools there are. */
export function abstainFromText(text: string): AbstainReason | undefined {
  if (text.trim() === "") return "empty";
  if (text.length > LONGEST_CHARACTERS) return "long_text";
  const tokens = tokenize(text);
  const words = tokens.filter((token) => token.kind === "word");
  if (words.length > LONGEST_WORDS) return "long_text";
  if (isPasted(text)) return "pasted_text";
  if (isNonLatin(text)) return "non_latin";
  if (words.length === tokens.filter((token) => token.kind !== "mark").length && isSmallTalk(words))
    return "conversational";
  return undefined;
}

/** Code, or more lines than anybody types: what it speaks of is not what is asked. */
function isPasted(text: string): boolean {
  return text.includes("```") || text.split("\n").filter((line) => line.trim() !== "").length > MOST_LINES;
}

function isNonLatin(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return letters > 0 && (letters - latin) / letters > NON_LATIN_SHARE;
}

const LONGEST_SMALL_TALK = 6;

export function isSmallTalk(words: readonly Token[]): boolean {
  return words.length <= LONGEST_SMALL_TALK && words.every((word) => SMALL_TALK.has(word.lower));
}

/** "yes, do it", "go ahead": small talk that takes up what was offered. */
export function isConsent(text: string): boolean {
  const words = tokenize(text).filter(({ kind }) => kind !== "mark");
  return words.length > 0 && isSmallTalk(words) && !words.some(({ lower }) => DECLINING.has(lower));
}
