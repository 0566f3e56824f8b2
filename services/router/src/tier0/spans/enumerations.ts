import type { Token } from "../text/tokens.ts";
import { AUXILIARIES, DETERMINERS, PREPOSITIONS, PRONOUNS, REQUEST_VERBS } from "../text/word-classes.ts";
import type { ListSpan } from "./lists.ts";
import type { Span } from "./span.ts";

const LONGEST_ITEM = 4;
const SEPARATORS = new Set([",", "and", "or", "&"]);

/** Enumerated words: "with flour, eggs and milk" gives [flour, eggs, milk]. The first item begins behind the last function word before it, the last ends at the next one. */
export function findEnumerations(text: string, tokens: readonly Token[]): ListSpan<Span>[] {
  const lists: ListSpan<Span>[] = [];
  let items: Span[] = [];
  let from = 0;
  for (let i = 0; i <= tokens.length; i++) {
    const token = tokens[i];
    const separator = token !== undefined && SEPARATORS.has(token.lower);
    if (!separator && token !== undefined && !endsItem(tokens, i)) continue;
    const item = itemSpan(text, tokens, from, i, items.length === 0);
    if (item !== undefined) items.push(item);
    const doubled = separator && item === undefined && from === i;
    if (!separator || (item === undefined && !doubled)) {
      if (items.length > 1) lists.push(listOf(text, items));
      items = [];
    }
    from = i + 1;
  }
  return lists;
}

const COUNT = /^(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:x\s+)?/i;

/** "two burgers and one cola": the things without how many of them. */
export function withoutCounts(list: ListSpan<Span>): ListSpan<Span> | undefined {
  const items = list.items.map((item) => ({ ...item, text: item.text.replace(COUNT, "") }));
  const counted = items.filter((item, at) => item.text !== list.items[at]?.text).length;
  return counted === 0 ? undefined : { ...list, items };
}

function endsItem(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  if (token === undefined) return true;
  if (token.kind === "mark") return !/^(?:[-'’/#%&+]|\p{So})$/u.test(token.text);
  return isFunctionWord(token.lower);
}

function isFunctionWord(lower: string): boolean {
  return PREPOSITIONS.has(lower) || AUXILIARIES.has(lower) || PRONOUNS.has(lower) || REQUEST_VERBS.has(lower);
}

function itemSpan(
  text: string,
  tokens: readonly Token[],
  from: number,
  to: number,
  first: boolean,
): Span | undefined {
  let begin = from;
  while (begin < to && DETERMINERS.has(tokens[begin]?.lower ?? "")) begin++;
  // A first item may carry the words before it; its last words are the item.
  if (first && to - begin > LONGEST_ITEM) begin = to - LONGEST_ITEM;
  if (begin >= to || to - begin > LONGEST_ITEM + 2) return undefined;
  const start = tokens[begin]?.start ?? 0;
  const end = tokens[to - 1]?.end ?? start;
  return { start, end, text: text.slice(start, end) };
}

function listOf(text: string, items: readonly Span[]): ListSpan<Span> {
  const start = items[0]?.start ?? 0;
  const end = items.at(-1)?.end ?? start;
  return { start, end, text: text.slice(start, end), items, bracketed: false };
}
