import type { CompiledTool } from "../ranking/compiled-tool.ts";
import type { Token } from "../text/tokens.ts";
import { GENERIC_WORDS } from "../text/word-classes.ts";

const NEGATING = new Set(["don't", "dont", "don’t", "never", "stop"]);
/** Two words that refuse what follows. */
const NEGATING_PAIRS = new Set(["do not", "no need", "forget about", "not interested", "rather than"]);
/** What may stand before a refusal; elsewhere "not" is part of what is spoken of. */
const BEFORE_NEGATION = new Set(["please", "but", "and", "so", "i", "i'm", "you", "now", "ok", "okay", "no"]);
/** "I don't know the …" asks for it all the same, and "don't you think …" is a question. */
const NOT_REFUSING = new Set(
  "know understand remember have see forget care mind you we they worry hesitate".split(" "),
);
const NEGATION_REACH = 5;

/**
 * "don't book it", "please do not tell me the weather": a negation shortly before a word of the tool's name, or before the first
 * word that asks for the tool at all.
 */
export function isNegated(tokens: readonly Token[], tool: CompiledTool): boolean {
  const names = new Set(tool.nameStems);
  const asks = ({ kind, stem, lower }: Token): boolean =>
    kind === "word" && (names.has(stem) || (tool.toolStems.has(stem) && !GENERIC_WORDS.has(lower)));
  const first = tokens.findIndex(asks);
  return tokens.some((_, at) => {
    const end = negationEnd(tokens, at);
    if (end === undefined) return false;
    const refused = refusedRange(tokens, end);
    return (
      (refused.from <= first && first < refused.to) ||
      tokens.slice(refused.from, refused.to).some(({ kind, stem }) => kind === "word" && names.has(stem))
    );
  });
}

/** Where a negation that begins here ends; undefined where none does. */
function negationEnd(tokens: readonly Token[], at: number): number | undefined {
  const [word, next] = [tokens[at], tokens[at + 1]];
  const pair = NEGATING_PAIRS.has(`${word?.lower} ${next?.lower}`);
  if (word === undefined || (!pair && !NEGATING.has(word.lower))) return undefined;
  const before = tokens[at - 1];
  if (before !== undefined && before.kind !== "mark" && !BEFORE_NEGATION.has(before.lower)) return undefined;
  const end = at + (pair ? 2 : 1);
  const [behind, further] = [tokens[end]?.lower ?? "", tokens[end + 1]?.lower];
  const obliged = behind === "have" && further === "to";
  return NOT_REFUSING.has(behind) && !obliged ? undefined : end;
}

/** A negation works over a few words, and not beyond the end of its clause. */
function refusedRange(tokens: readonly Token[], from: number): { from: number; to: number } {
  let to = from;
  while (to < Math.min(tokens.length, from + NEGATION_REACH) && !/^[.,;:?!]$/.test(tokens[to]?.text ?? ""))
    to++;
  return { from, to };
}
