import type { Extraction } from "./extract.ts";

/** Kinds of spans whose form tells what they are. Phrases, capitalised names and what is left of a sentence may be anything. */
const TYPED = new Set([
  "number",
  "digits",
  "date",
  "date.year",
  "known",
  "code",
  "quote",
  "expression",
  "option",
]);

/** Whether all values were read by extractors of a type. True for a call without arguments. */
export function isTyped({ assignments }: Extraction): boolean {
  return assignments.every(({ candidate }) => {
    if (candidate === undefined || typeof candidate.value === "boolean") return true;
    return candidate.tags.some((tag) => TYPED.has(tag)) && !candidate.tags.includes("option.partial");
  });
}
