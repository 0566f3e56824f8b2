import type { CompiledTool } from "../ranking/compiled-tool.ts";
import { stem } from "../text/stem.ts";
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

const NEGATING = new Set(["don't", "dont", "don’t", "never", "stop", "cannot"]);
const NEGATION_REACH = 3;

/** "don't book it", "do not convert": a negation right before a word of the tool's name. */
export function isNegated(tokens: readonly Token[], tool: CompiledTool): boolean {
  const verbs = new Set([
    ...tool.nameStems,
    stem(/^\p{L}+/u.exec(tool.definition.description)?.[0]?.toLowerCase() ?? ""),
  ]);
  return tokens.some((token, at) => {
    const negates = NEGATING.has(token.lower) || (token.lower === "not" && tokens[at - 1]?.lower === "do");
    if (!negates || tokens[at - 1]?.lower === "why") return false;
    return tokens
      .slice(at + 1, at + 1 + NEGATION_REACH)
      .some((next) => next.kind === "word" && verbs.has(next.stem));
  });
}
