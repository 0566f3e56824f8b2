import { hasRole, type Parameter } from "../parameters/parameter.ts";
import type { NumberSpan } from "../spans/numbers.ts";
import type { Utterance } from "../spans/utterance.ts";
import type { Candidate } from "./candidate.ts";
import { tokenRange } from "./token-range.ts";

/** Every number as it stands, percentages as fractions too, and values converted into the parameter's unit. */
export function numberCandidates(parameter: Parameter, utterance: Utterance): Candidate[] {
  const found: Candidate[] = [];
  for (const span of utterance.numbers()) {
    for (const reading of readings(parameter, span)) {
      if (!fits(parameter, reading.value)) continue;
      found.push({
        ...placed(utterance, span),
        value: reading.value,
        tags: [...numberTags(span), ...reading.tags, ...operandTags(span, utterance)],
      });
    }
  }
  if (hasRole(parameter, "year")) found.push(...yearsOfDates(utterance));
  return found;
}

type Reading = { value: number; tags: string[] };

function* readings(parameter: Parameter, span: NumberSpan): Generator<Reading> {
  yield { value: span.value, tags: percentTags(parameter, span, "raw") };
  if (span.unit?.dimension === "percent" && parameter.kind === "number") {
    yield { value: tidy(span.value / 100), tags: percentTags(parameter, span, "fraction") };
  }
  if (parameter.minimum !== undefined && parameter.minimum < 0 && span.value > 0 && span.takesAway) {
    yield { value: -span.value, tags: ["taken.away"] };
  }
  const converted = convert(parameter, span);
  if (converted !== undefined) yield { value: converted, tags: ["converted"] };
}

function percentTags(parameter: Parameter, span: NumberSpan, reading: "raw" | "fraction"): string[] {
  if (span.unit?.dimension !== "percent") return [];
  const said = /percent|%/i.test(parameter.description)
    ? "percent"
    : /decimal|fraction|between 0 and 1/i.test(parameter.description)
      ? "decimal"
      : "plain";
  return [`percent.${reading}`, `percent.${reading}.${said}.${parameter.kind}`];
}

/** 2 hours are 120 for a parameter in minutes; only between units of one dimension with a fixed ratio. */
function convert(parameter: Parameter, span: NumberSpan): number | undefined {
  const { unit } = span;
  const wanted = parameter.units.find((one) => one.dimension === unit?.dimension);
  if (unit?.factor === undefined || wanted?.factor === undefined || unit.name === wanted.name)
    return undefined;
  if (parameter.units.some((one) => one.name === unit.name)) return undefined;
  return tidy((span.value * unit.factor) / wanted.factor);
}

function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

function fits(parameter: Parameter, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  const kind = parameter.kind === "array" ? parameter.items : parameter.kind;
  if (kind === "integer" && !Number.isInteger(value)) return false;
  return value >= (parameter.minimum ?? -Infinity) && value <= (parameter.maximum ?? Infinity);
}

/** A number inside arithmetic belongs to that more than to a parameter of its own. */
function operandTags(span: NumberSpan, utterance: Utterance): string[] {
  const inside = utterance
    .expressions()
    .some((one) => !one.variables && one.start <= span.start && span.end <= one.end);
  return inside ? ["number.operand"] : [];
}

export function numberTags(span: NumberSpan): string[] {
  const tags = ["number", `number.${span.style}`];
  if (span.yearLike) tags.push("number.year");
  if (span.embedded) tags.push("number.embedded");
  if (span.unit !== undefined) tags.push(`dimension.${span.unit.dimension}`, `unit.is.${span.unit.name}`);
  if (!Number.isInteger(span.value)) tags.push("number.fraction");
  if (span.style === "word" && span.value === 1) tags.push("number.one");
  return tags;
}

function* yearsOfDates(utterance: Utterance): Generator<Candidate> {
  for (const date of utterance.dates()) {
    if (date.yearKnown) yield { ...placed(utterance, date), value: date.year, tags: ["date.year"] };
  }
}

export function placed(
  utterance: Utterance,
  span: { start: number; end: number; text: string },
): Omit<Candidate, "value" | "tags"> {
  return {
    text: span.text,
    start: span.start,
    end: span.end,
    ...tokenRange(utterance.tokens, span.start, span.end),
  };
}
