import { nearest } from "@forerun/runtime/nearest";
import { defineTool, type Tool, ToolFailure } from "@forerun/toolkit";
import { z } from "zod";
import { convertValue } from "../units/convert-value.ts";
import { COMMON_UNITS } from "../units/further-units.ts";
import { parseUnit, type Unit } from "../units/unit.ts";

const unitName = z.string().min(1).max(64);

/** Length, mass, temperature, volume, area, speed, time, data, energy, power, pressure and more. */
export const convertUnits: Tool = defineTool({
  name: "convert_units",
  description:
    "Converts a quantity from one unit of measurement to another, for example miles to kilometers or Celsius to Fahrenheit.",
  effect: "pure",
  input: z.strictObject({
    value: z.number().describe("The quantity in the unit `from`."),
    from: unitName.describe('Unit to convert from, for example "km", "pounds" or "celsius".'),
    to: unitName.describe('Unit to convert to, for example "miles", "kg" or "fahrenheit".'),
  }),
  output: z.strictObject({
    value: z.number(),
    from: z.string(),
    result: z.number(),
    to: z.string(),
    kind: z.string(),
  }),
  examples: [
    { text: "convert 5 km to miles", arguments: { value: 5, from: "km", to: "miles" } },
    { text: "how many pounds is 72 kg", arguments: { value: 72, from: "kg", to: "pounds" } },
    {
      text: "what is 20 degrees celsius in fahrenheit?",
      arguments: { value: 20, from: "celsius", to: "fahrenheit" },
    },
    { text: "12 inches in cm", arguments: { value: 12, from: "inches", to: "cm" } },
    { text: "3 cups to milliliters", arguments: { value: 3, from: "cups", to: "milliliters" } },
    { text: "how fast is 60 mph in km/h", arguments: { value: 60, from: "mph", to: "km/h" } },
    { text: "convert 2.5 GB to MB", arguments: { value: 2.5, from: "GB", to: "MB" } },
  ],
  timeoutMs: 1000,
  cacheTtlMs: 86_400_000,
  async run({ value, from, to }) {
    const [source, target] = [unitOf(from), unitOf(to)];
    if (source.kind !== target.kind) {
      throw new ToolFailure(
        "invalid_arguments",
        `"${from}" measures ${source.kind}, "${to}" measures ${target.kind}: one cannot become the other.`,
      );
    }
    const result = convertValue(value, source, target);
    if (!Number.isFinite(result))
      throw new ToolFailure("invalid_arguments", `${value} ${from} is too large to convert.`);
    return { value, from, result, to, kind: source.kind };
  },
  render: ({ value, from, result, to }) => `${readable(value)} ${from} = ${readable(result)} ${to}`,
});

function unitOf(text: string): Unit {
  const unit = parseUnit(text);
  if (unit) return unit;
  const meant = nearest(text, COMMON_UNITS);
  throw new ToolFailure(
    "not_found",
    `There is no unit "${text}" here.${meant ? ` Did you mean "${meant}"?` : ""}`,
  );
}

/** Made once: a formatter costs more than a conversion. */
const SIX_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });

function readable(value: number): string {
  return SIX_DIGITS.format(value);
}
