import type { Lexicon } from "../lexicon/lexicon.ts";
import { type DateFormat, dateFormatOf } from "../spans/date-format.ts";
import type { Unit } from "../spans/units.ts";
import { stem } from "../text/stem.ts";
import { identifierWords } from "../text/tokens.ts";
import { GENERIC_WORDS, STOP_WORDS } from "../text/word-classes.ts";
import { isJsonObject, type Json, type JsonObject } from "../tool-definition.ts";
import { type Option, optionsOf } from "./options.ts";
import { type Role, type RoleTable, rolesOf } from "./roles.ts";

export type ParameterKind = "number" | "integer" | "boolean" | "string" | "array" | "object";

/** One leaf of a tool's input schema, read for extraction once, at registration. */
export type Parameter = Readonly<{
  /** Where the value goes: ["area", "width"]. */
  path: readonly string[];
  name: string;
  kind: ParameterKind;
  /** Kind of an array's items. */
  items: ParameterKind;
  required: boolean;
  /** Where one of several sets of parameters is required: numbers of the sets that this is in. */
  branches: readonly number[];
  /** The schema's default. */
  fallback: Json | undefined;
  description: string;
  options: readonly Option[];
  /** The options are the only values allowed, of an array's items where it is one. */
  closed: boolean;
  nameStems: readonly string[];
  /** Content stems of name and description with their weight: 1 for the name, less for the description. */
  cues: ReadonlyMap<string, number>;
  roles: RoleTable;
  units: readonly Unit[];
  dateFormat: DateFormat | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
  pattern: string | undefined;
  format: string | undefined;
}>;

const DEEPEST = 4;
const MOST_PARAMETERS = 64;

/** The leaves of an input schema in their order; what cannot be read (no properties, wrong shapes) gives none. */
export function readParameters(schema: JsonObject, lexicon: Lexicon): Parameter[] {
  const found: Parameter[] = [];
  collect(schema, { path: [], required: true, branches: [], description: "" }, lexicon, found);
  return found.slice(0, MOST_PARAMETERS);
}

type Place = Readonly<{
  path: readonly string[];
  required: boolean;
  branches: readonly number[];
  description: string;
}>;

function collect(schema: JsonObject, place: Place, lexicon: Lexicon, found: Parameter[]): void {
  const { path, required } = place;
  const properties = schema.properties;
  if (!isJsonObject(properties) || path.length >= DEEPEST) return;
  const needed = new Set(Array.isArray(schema.required) ? schema.required : []);
  for (const [name, raw] of Object.entries(properties)) {
    const property = isJsonObject(raw) ? raw : {};
    const own = stringOf(property.description)?.slice(0, 2000) ?? "";
    const here = {
      path: [...path, name],
      required: required && needed.has(name),
      branches: required ? branchesOf(schema, name) : [],
      // A field without words of its own is explained by the object it stands in.
      description: own === "" ? place.description : own,
    };
    const nested = property.properties;
    if (isJsonObject(nested) && Object.keys(nested).length > 0) collect(property, here, lexicon, found);
    else found.push(readParameter(here, property, lexicon));
  }
}

/** Numbers of the branches of anyOf or oneOf that require the property. */
function branchesOf(schema: JsonObject, name: string): number[] {
  const branches = [schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return branches.flatMap((branch, number) =>
    isJsonObject(branch) && Array.isArray(branch.required) && branch.required.includes(name) ? [number] : [],
  );
}

function readParameter(
  { path, required, branches, description }: Place,
  schema: JsonObject,
  lexicon: Lexicon,
): Parameter {
  const name = path.at(-1) ?? "";
  const nameWords = identifierWords(name);
  const kind = kindOf(schema);
  const items = schema.items;
  return {
    path,
    name,
    kind,
    items: isJsonObject(items) ? kindOf(items) : "string",
    required,
    branches,
    fallback: schema.default,
    description,
    options: optionsOf(kind === schema.type ? schema : { ...schema, type: kind }, description, lexicon),
    closed: Array.isArray(schema.enum) || (isJsonObject(items) && Array.isArray(items.enum)),
    nameStems: nameWords.map(stem),
    cues: cuesOf(nameWords, description),
    roles: rolesOf(nameWords, description),
    units: unitsOf(nameWords, description, lexicon),
    dateFormat: dateFormatOf(`${description} ${exampleText(schema)}`, stringOf(schema.format)),
    minimum: numberOf(schema.minimum),
    maximum: numberOf(schema.maximum),
    pattern: stringOf(schema.pattern),
    format: stringOf(schema.format),
  };
}

function exampleText(schema: JsonObject): string {
  return Array.isArray(schema.examples) ? schema.examples.slice(0, 5).map(String).join(" ") : "";
}

function stringOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

const KINDS: ReadonlySet<string> = new Set(["number", "integer", "boolean", "string", "array", "object"]);

/** The first type that is not null; of alternatives the first; a bare enum tells by its values. */
function kindOf(schema: JsonObject): ParameterKind {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (typeof type === "string" && KINDS.has(type)) return type as ParameterKind;
  for (const key of ["anyOf", "oneOf"]) {
    const branches = schema[key];
    const branch = Array.isArray(branches)
      ? branches.find((one) => isJsonObject(one) && one.type !== "null")
      : undefined;
    if (isJsonObject(branch)) return kindOf(branch);
  }
  const first = Array.isArray(schema.enum) ? schema.enum[0] : undefined;
  if (typeof first === "number") return "number";
  if (typeof first === "boolean") return "boolean";
  return isJsonObject(schema.items) ? "array" : "string";
}

const DESCRIPTION_CUE = 0.5;

function cuesOf(nameWords: readonly string[], description: string): Map<string, number> {
  const cues = new Map<string, number>();
  const head = description
    .slice(0, 300)
    .replace(/\b(?:default|e\.g\.|such as|for example|in the format)\b.*$/is, "");
  for (const word of identifierWords(head)) {
    if (STOP_WORDS.has(word) || GENERIC_WORDS.has(word) || /^\d+$/.test(word)) continue;
    cues.set(stem(word), DESCRIPTION_CUE);
  }
  // "sub_district" and "user_name" are written as one word as often as two.
  if (nameWords.length > 1) cues.set(stem(nameWords.slice(0, 2).join("")), 1);
  for (const word of nameWords) if (!STOP_WORDS.has(word) || word.length === 1) cues.set(stem(word), 1);
  return cues;
}

function unitsOf(nameWords: readonly string[], description: string, lexicon: Lexicon): Unit[] {
  const units = new Map<string, Unit>();
  const words = description
    .slice(0, 400)
    .toLowerCase()
    .split(/[^\p{L}\p{Nd}°%$€£/^]+/u);
  for (const word of [...nameWords, ...words]) {
    // One letter is a unit only after a number.
    const unit = word.length > 1 || /[%$€£]/.test(word) ? lexicon.units.get(word) : undefined;
    if (unit !== undefined && unit.dimension !== "count") units.set(unit.name, unit);
  }
  return [...units.values()];
}

export function hasRole(parameter: Parameter, role: Role): boolean {
  return parameter.roles.byName.has(role) || parameter.roles.byDescription.has(role);
}
