import { isCounted } from "../arguments/counted.ts";
import type { Form } from "../ranking/rank.ts";
import type { KnownSpan } from "../spans/known.ts";
import type { Utterance } from "../spans/utterance.ts";

const ARITHMETIC = ["arithmetic", "expression", "calculate"];
const CONVERSION = ["convert", "unit", "conversion"];
const EXCHANGE = ["currency", "exchange", "convert"];

/** What the form of a text asks without saying so: "17% of 2400" is arithmetic, "5 km in miles" a conversion. */
export function formOf(utterance: Utterance): Form {
  const sums = utterance.expressions().some((span) => !span.variables);
  const known = utterance.known();
  const currencies = new Set(known.filter((span) => span.known === "currency").map(({ value }) => value));
  return {
    hints: [
      ...(sums ? ARITHMETIC : []),
      ...(asksForOtherUnit(known, utterance) ? CONVERSION : []),
      ...(currencies.size === 2 ? EXCHANGE : []),
    ],
    // The "times" of "3 times 4" is no time.
    idle: sums ? ["times"] : [],
  };
}

/** A number of one unit, and another unit of the same dimension that nothing counts. */
function asksForOtherUnit(known: readonly KnownSpan[], utterance: Utterance): boolean {
  const dimensionOf = ({ value }: KnownSpan): string | undefined =>
    utterance.lexicon.units.get(value.toLowerCase().split(/[ /]/).at(-1) ?? "")?.dimension;
  const units = known.filter((span) => span.known === "unit" && dimensionOf(span) !== "money");
  const counted = units.filter((span) => isCounted(span, utterance.tokens));
  return units.some(
    (asked) =>
      !counted.includes(asked) &&
      counted.some((one) => one.value !== asked.value && dimensionOf(one) === dimensionOf(asked)),
  );
}
