import type { Lexicon } from "../lexicon/lexicon.ts";
import { stem } from "../text/stem.ts";
import { identifierWords } from "../text/tokens.ts";
import type { Json, JsonObject } from "../tool-definition.ts";

/** A value a parameter may take, with the word sequences (as stems) that ask for it. */
export type Option = Readonly<{
  value: Json;
  /** Stems of the value itself. */
  stems: readonly string[];
  /** Other word sequences for it: a language's name for its code, words the description explains it by. */
  aliases: readonly (readonly string[])[];
  source: "enum" | "description";
}>;

const QUOTED = /(?<![\p{L}\p{Nd}])['"‘“`]([^'"‘’“”`]{1,40})['"’”`](?![\p{L}\p{Nd}])/gu;
const CODED =
  /['"]?\b(\d{1,4})['"]?\s*(?:=|:|for|is|means|represents?|corresponds to|to|indicates|denotes)\s+(?:an? |the )?([\p{L}][\p{L} -]{1,40}?)(?=\s*(?:[,.;)]|$|\band\b|\bor\b))/giu;
const LISTED =
  /\b(?:options?|values?|choices?|one of|either|choose between|allowed|can be|possible)\b[^:.]{0,40}[:]?\s+([\p{L}][\p{L} -]{0,20}(?:,\s*[\p{L}][\p{L} -]{0,20}){1,12})/giu;

export function optionsOf(schema: JsonObject, description: string, lexicon: Lexicon): Option[] {
  const listed = Array.isArray(schema.enum) ? schema.enum : undefined;
  const items = schema.items;
  const itemEnum =
    typeof items === "object" && items !== null && !Array.isArray(items) ? items.enum : undefined;
  const values = listed ?? (Array.isArray(itemEnum) ? itemEnum : undefined);
  const coded = codedOptions(schema, description);
  if (values !== undefined)
    return values.slice(0, 500).map((value) => withAliases(value, "enum", coded, description, lexicon));
  if (coded.length > 1) return coded;
  return describedValues(schema, description).map((value) =>
    withAliases(value, "description", [], "", lexicon),
  );
}

/** "1 for cleaning, 2 for ironing": numbers that stand for words. */
function codedOptions(schema: JsonObject, description: string): Option[] {
  const type = schema.type;
  if (type !== "integer" && type !== "number" && type !== "string") return [];
  const options: Option[] = [];
  for (const match of description.slice(0, 1000).matchAll(CODED)) {
    const [, code = "", words = ""] = match;
    const value = type === "string" ? code : Number(code);
    options.push({ value, stems: [], aliases: [identifierWords(words).map(stem)], source: "description" });
  }
  return options;
}

/** Quoted words of the description, and words listed after "options:"; examples of a value as often as its whole range. */
function describedValues(schema: JsonObject, description: string): string[] {
  if (schema.type !== "string" && schema.type !== "array") return [];
  const values = new Set<string>();
  const head = description.slice(0, 1000);
  for (const match of head.matchAll(QUOTED)) values.add((match[1] ?? "").trim());
  if (values.size === 0) {
    for (const match of head.matchAll(LISTED)) {
      for (const value of (match[1] ?? "").split(/,| or /))
        values.add(value.trim().replace(/^(?:or|and) /, ""));
    }
  }
  return [...values]
    .filter((value) => value !== "" && !/^(?:true|false|null|none)$/i.test(value))
    .slice(0, 60);
}

function withAliases(
  value: Json,
  source: Option["source"],
  coded: readonly Option[],
  description: string,
  lexicon: Lexicon,
): Option {
  const text = String(value);
  const aliases = coded.filter((option) => String(option.value) === text).flatMap((option) => option.aliases);
  return {
    value,
    stems: identifierWords(text).map(stem),
    aliases: [...aliases, ...explained(text, description), ...languageNames(text, lexicon)],
    source,
  };
}

/** `'add' to add a new task`, `'en' for English`, `C (Celsius)`: the words after the value explain it. */
function explained(value: string, description: string): string[][] {
  const at = description.indexOf(value);
  if (at < 0 || value.length > 40) return [];
  const after = description.slice(at + value.length, at + value.length + 60);
  const match = /^['"’”)]?\s*(?:\(|for |means |is |= ?|represents )([\p{L}][\p{L} -]{0,30})/u.exec(after);
  const words = match?.[1] === undefined ? [] : identifierWords(match[1]).slice(0, 2).map(stem);
  return words.length === 0 ? [] : [words];
}

function languageNames(value: string, lexicon: Lexicon): string[][] {
  const code = /^([a-z]{2})(?:-[A-Z]{2})?$/.exec(value)?.[1];
  if (code === undefined) return [];
  const names: string[][] = [];
  for (const [name, other] of lexicon.languages)
    if (other === code) names.push(identifierWords(name).map(stem));
  return names;
}
