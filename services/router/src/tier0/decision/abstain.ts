import type { CompiledTool } from "../ranking/compiled-tool.ts";
import { type Token, tokenize } from "../text/tokens.ts";

/** Why no tool is called; stable names, shown as `reason`. */
export type AbstainReason =
  | "empty"
  | "no_tools"
  | "tools_off"
  | "long_text"
  | "non_latin"
  | "conversational"
  | "negated"
  | "ambiguous_tools"
  | "below_threshold"
  | "unsure_arguments"
  | "missing_arguments"
  | "invalid_arguments";

/** A longer text is pasted more often than it is a question, and long text resembles every tool. */
const LONGEST_WORDS = 100;
const LONGEST_CHARACTERS = 4000;
const NON_LATIN_SHARE = 0.3;

const SMALL_TALK = new Set(
  (
    "yes yeah yep yup no nope nah ok okay sure thanks thank you thx cheers hi hello hey bye goodbye good morning evening night great nice cool " +
    "please do it go ahead right correct exactly maybe perhaps sounds fine alright got that lol wow sorry welcome never mind nothing"
  ).split(" "),
);

/** Reasons that hold whatever tools there are. */
export function abstainFromText(text: string): AbstainReason | undefined {
  if (text.trim() === "") return "empty";
  if (text.length > LONGEST_CHARACTERS) return "long_text";
  const tokens = tokenize(text);
  const words = tokens.filter((token) => token.kind === "word");
  if (words.length > LONGEST_WORDS) return "long_text";
  if (isNonLatin(text)) return "non_latin";
  if (words.length === tokens.filter((token) => token.kind !== "mark").length && isSmallTalk(words))
    return "conversational";
  return undefined;
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

const NEGATING = new Set(["don't", "dont", "don’t", "never", "stop"]);
/** What may stand before a refusal; elsewhere "not" is part of what is spoken of. */
const BEFORE_NEGATION = new Set(["please", "but", "and", "so", "i", "you", "now", "ok", "okay", "no"]);
/** "I don't know the …" asks for it all the same. */
const NOT_REFUSING = new Set(["know", "understand", "remember", "have", "see", "forget", "care", "mind"]);
const NEGATION_REACH = 5;

/** "don't book it", "please do not tell me the weather": a negation shortly before a word of the tool's name. */
export function isNegated(tokens: readonly Token[], tool: CompiledTool): boolean {
  const verbs = new Set(tool.nameStems);
  return tokens.some((token, at) => {
    const twoWords = token.lower === "not" && tokens[at - 1]?.lower === "do";
    if (!twoWords && !NEGATING.has(token.lower)) return false;
    const before = tokens[twoWords ? at - 2 : at - 1];
    if (before !== undefined && before.kind !== "mark" && !BEFORE_NEGATION.has(before.lower)) return false;
    if (NOT_REFUSING.has(tokens[at + 1]?.lower ?? "")) return false;
    return tokens
      .slice(at + 1, at + 1 + NEGATION_REACH)
      .some((next) => next.kind === "word" && verbs.has(next.stem));
  });
}
