import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { createRestrictedMath } from "@forerun/tool-executor/calculator/restricted-math";
import { addTo, formatDate, parseDate } from "@forerun/tool-executor/calendar/calendar";
import { findTimeZone } from "@forerun/tool-executor/calendar/time-zone";
import { CurrencyNames } from "@forerun/tool-executor/currencies/currency-names";
import { PlaceList } from "@forerun/tool-executor/places/place-list";
import { convertValue } from "@forerun/tool-executor/units/convert-value";
import { parseUnit, type Unit } from "@forerun/tool-executor/units/unit";

/** What a tool's arguments come to: two sets ask for the same when they come to the same. Tools that are not here take them as written. */
export type Meanings = ReadonlyMap<string, (args: JsonObject) => JsonValue>;

/** The built-in tools' own reading: "17% of 2400" is "0.17 * 2400", "km" is "kilometers", a week is seven days, "Oslo" is "Europe/Oslo". */
export function createMeanings(now: Date): Meanings {
  const evaluate = createRestrictedMath();
  const places = new PlaceList();
  const currencies = new CurrencyNames();
  const scale = scaleReader();
  return new Map<string, (args: JsonObject) => JsonValue>([
    ["calculator", ({ expression }) => read(expression, (text) => resultOf(evaluate(text)))],
    ["convert_units", ({ value, from, to }) => [value ?? null, read(from, scale), read(to, scale)]],
    ["current_time", ({ time_zone }) => read(time_zone, (text) => zoneOf(findTimeZone(text, places)))],
    ["date_math", (args) => datesOf(args, now)],
    [
      "exchange_rate",
      ({ from, to, amount }) => {
        const code = (text: string) => codeOf(currencies.find(text));
        return [amount ?? null, read(from, code), read(to, code)];
      },
    ],
  ]);
}

/** What a text means to the tool; a text that means nothing to it stands for itself, as does a reference. */
function read(value: JsonValue | undefined, meaning: (text: string) => JsonValue | undefined): JsonValue {
  if (typeof value !== "string") return value ?? null;
  return meaning(value) ?? value;
}

function resultOf(evaluation: ReturnType<ReturnType<typeof createRestrictedMath>>): number | undefined {
  return evaluation.kind === "value" ? (evaluation.result ?? undefined) : undefined;
}

function zoneOf(outcome: ReturnType<typeof findTimeZone>): string | undefined {
  return outcome.kind === "found" ? outcome.zone : undefined;
}

function codeOf(outcome: ReturnType<CurrencyNames["find"]>): string | undefined {
  return outcome.kind === "found" ? outcome.code : undefined;
}

/** A unit by where 0 and 1 of it lie on the scale of the first unit of its kind that was read; two points, since Fahrenheit begins elsewhere. */
function scaleReader(): (text: string) => JsonValue | undefined {
  const measures = new Map<string, Unit>();
  return (text) => {
    const unit = parseUnit(text);
    if (unit === undefined) return undefined;
    const measure = measures.get(unit.kind) ?? unit;
    measures.set(unit.kind, measure);
    return [unit.kind, convertValue(0, unit, measure), convertValue(1, unit, measure)];
  };
}

function datesOf(args: JsonObject, now: Date): JsonValue {
  const { date, until, direction, ...steps } = args;
  const start = typeof date === "string" ? parseDate(date) : parseDate(now.toISOString().slice(0, 10));
  if (start === undefined) return args;
  const sign = direction === "before" ? -1 : 1;
  const signed = Object.entries(steps).map(([unit, amount]) => [unit, sign * Number(amount)]);
  const result = addTo(start, Object.fromEntries(signed));
  return [formatDate(start), result ? formatDate(result) : null, until ?? null];
}
