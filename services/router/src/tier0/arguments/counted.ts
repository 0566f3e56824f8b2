import type { Span } from "../spans/span.ts";
import type { Token } from "../text/tokens.ts";
import { tokenRange } from "./token-range.ts";

/** Whether a unit or a currency stands behind its number, or as a sign in front of it: "72 kg", "$320". */
export function isCounted({ start, end, text }: Span, tokens: readonly Token[]): boolean {
  const { from, to } = tokenRange(tokens, start, end);
  return tokens[/^\p{Sc}$/u.test(text) ? to : from - 1]?.kind === "number";
}
