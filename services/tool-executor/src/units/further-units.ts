import type { Unit as LibraryUnit } from "convert";

type FurtherUnit = Readonly<{ names: readonly string[]; base: LibraryUnit | "m/s"; factor: number }>;

/** Units that people ask for and the library lacks. Factors are exact by definition unless noted. */
export const FURTHER_UNITS: readonly FurtherUnit[] = [
  { names: ["m/s", "mps", "meters per second", "metres per second"], base: "m/s", factor: 1 },
  {
    names: ["km/h", "kmh", "kph", "kmph", "kilometers per hour", "kilometres per hour"],
    base: "m/s",
    factor: 1 / 3.6,
  },
  { names: ["mph", "mi/h", "miles per hour", "mile per hour"], base: "m/s", factor: 0.44704 },
  { names: ["knot", "knots", "kn", "kt", "kts"], base: "m/s", factor: 1852 / 3600 },
  { names: ["ft/s", "fps", "feet per second", "foot per second"], base: "m/s", factor: 0.3048 },
  { names: ["cal", "calorie", "calories"], base: "J", factor: 4.184 },
  { names: ["kcal", "kilocalorie", "kilocalories", "food calories"], base: "J", factor: 4184 },
  { names: ["btu", "btus", "british thermal units"], base: "J", factor: 1055.05585262 },
  { names: ["ev", "electronvolt", "electronvolts"], base: "J", factor: 1.602176634e-19 },
  {
    names: ["light year", "light years", "light-year", "light-years", "ly"],
    base: "m",
    factor: 9_460_730_472_580_800,
  },
  { names: ["au", "astronomical unit", "astronomical units"], base: "m", factor: 149_597_870_700 },
  { names: ["furlong", "furlongs"], base: "m", factor: 201.168 },
  { names: ["micron", "microns"], base: "m", factor: 1e-6 },
  { names: ["ton", "tons", "us ton", "us tons", "short ton", "short tons"], base: "kg", factor: 907.18474 },
  { names: ["kgs", "kilos", "kilo"], base: "kg", factor: 1 },
  { names: ["cc", "ccs", "cubic centimeters", "cubic centimetres"], base: "ml", factor: 1 },
  { names: ["fluid ounce", "fluid ounces", "us fluid ounces"], base: "fl oz", factor: 1 },
  { names: ["us gallon", "us gallons"], base: "gallon", factor: 1 },
  { names: ["us cup", "us cups"], base: "cup", factor: 1 },
  // Conventional millimetre of mercury.
  { names: ["mmhg", "mm hg", "torr"], base: "Pa", factor: 133.322387415 },
  { names: ["hz", "cycles per second"], base: "Hz", factor: 1 },
  { names: ["rpm", "revolutions per minute"], base: "Hz", factor: 1 / 60 },
  { names: ["hr", "hrs"], base: "hour", factor: 1 },
  { names: ["mins"], base: "minute", factor: 1 },
  { names: ["sec", "secs"], base: "second", factor: 1 },
  { names: ["cms"], base: "cm", factor: 1 },
  { names: ["centigrade", "degrees centigrade", "degree centigrade"], base: "celsius", factor: 1 },
  { names: ["sqm", "sq m", "sq meters", "sq metres"], base: "m2", factor: 1 },
  { names: ["sqft"], base: "ft2", factor: 1 },
];

/** Names to suggest in place of one that nobody knows. */
export const COMMON_UNITS: readonly string[] = [
  ...["mm", "cm", "m", "km", "inch", "foot", "feet", "yard", "mile", "miles", "nautical mile", "light year"],
  ...["mg", "g", "kg", "tonne", "ton", "ounce", "pound", "stone", "kilogram", "kilometer", "meter", "gram"],
  ...[
    "ml",
    "liter",
    "litre",
    "cubic meter",
    "teaspoon",
    "tablespoon",
    "cup",
    "pint",
    "quart",
    "gallon",
    "fl oz",
  ],
  ...["celsius", "fahrenheit", "kelvin", "second", "minute", "hour", "day", "week", "month", "year"],
  ...["m/s", "km/h", "mph", "knot", "square meter", "square kilometer", "square foot", "acre", "hectare"],
  ...["bit", "byte", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "joule", "kJ", "kWh", "calorie", "kcal"],
  ...["watt", "kW", "horsepower", "pascal", "bar", "psi", "degree", "radian", "hertz", "newton"],
];
