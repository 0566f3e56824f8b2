import type { JsonObject, ToolDefinition } from "@forerun/router/tier0/tool-definition";

const obj = (properties: JsonObject, required: string[] = []): JsonObject => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const s = (description: string, extra: JsonObject = {}): JsonObject => ({
  type: "string",
  description,
  ...extra,
});
const n = (description: string, extra: JsonObject = {}): JsonObject => ({
  type: "number",
  description,
  ...extra,
});
const ex = (...list: [string, JsonObject][]) => list.map(([text, args]) => ({ text, arguments: args }));
/** The shapes of the built-in tools, as far as routing reads them. */
export function builtInTools(): ToolDefinition[] {
  return [
    {
      name: "calculator",
      description:
        "Calculates an arithmetic expression exactly: sums, percentages, powers, roots, logarithms, trigonometry.",
      effect: "pure",
      input_schema: obj(
        { expression: s('Arithmetic, for example "12 * (3 + 4)", "17% of 2400" or "sqrt(2)^3".') },
        ["expression"],
      ),
      examples: ex(
        ["what is 17% of 2400?", { expression: "17% of 2400" }],
        ["calculate 12 * (3 + 4)", {}],
        ["square root of 2", {}],
        ["how much is 3.5 times 18 minus 4", {}],
        ["compute 2^10 / 3", {}],
        ["what's 1299 divided by 12", {}],
        ["20% off 85", {}],
        ["add 45 and 78", {}],
      ),
    },
    {
      name: "convert_units",
      description:
        "Converts a value from one unit of measurement to another: length, mass, temperature, volume, speed, time, data.",
      effect: "pure",
      input_schema: obj(
        {
          value: n("The value to convert."),
          from: s('Unit to convert from, for example "km", "lb" or "celsius".'),
          to: s('Unit to convert to, for example "miles".'),
        },
        ["value", "from", "to"],
      ),
      examples: ex(
        ["convert 10 km to miles", {}],
        ["how many pounds are 5 kg", {}],
        ["100 fahrenheit in celsius", {}],
        ["how many ounces in a cup", {}],
      ),
    },
    {
      name: "current_time",
      description: "The current date and time in a time zone.",
      effect: "read",
      input_schema: obj({ time_zone: s('IANA time zone, for example "Europe/Oslo".') }, ["time_zone"]),
      examples: ex(
        ["what time is it in Oslo?", { time_zone: "Europe/Oslo" }],
        ["current time in Tokyo", {}],
        ["what's the time in New York now", {}],
        ["what day is it in Sydney", {}],
      ),
    },
    {
      name: "date_math",
      description:
        "Calculates with dates: adds or subtracts days, weeks, months or years, or counts the days between two dates.",
      effect: "pure",
      input_schema: obj(
        {
          date: s("The date to start from.", { format: "date" }),
          add: s('What to add, for example "3 weeks" or "-10 days".'),
          until: s("The date to count to.", { format: "date" }),
        },
        ["date"],
      ),
      examples: ex(
        ["how many days until December 24", {}],
        ["what date is 45 days after March 3rd", {}],
        ["days between 2024-01-01 and 2024-03-15", {}],
      ),
    },
    {
      name: "geocode",
      description: "Finds the coordinates, country and time zone of a place by its name.",
      effect: "read",
      input_schema: obj({ place: s('Name of a place, for example "Bergen" or "Paris, Texas".') }, ["place"]),
      examples: ex(
        ["where is Bergen", {}],
        ["coordinates of Reykjavik", {}],
        ["latitude and longitude of Lima", {}],
      ),
    },
    {
      name: "get_weather",
      description: "Current weather and forecast for a place, given by its name or by coordinates.",
      effect: "read",
      input_schema: obj({
        place: s('Name of a place, for example "Oslo".'),
        latitude: n("Degrees north.", { minimum: -90, maximum: 90 }),
        longitude: n("Degrees east.", { minimum: -180, maximum: 180 }),
        date: s("Day of the forecast; today when left out.", { format: "date" }),
      }),
      examples: ex(
        ["what's the weather in Oslo", { place: "Oslo" }],
        ["will it rain in Bergen tomorrow", {}],
        ["how warm is it in Madrid", {}],
        ["do I need an umbrella in London today", {}],
      ),
    },
    {
      name: "search_knowledge",
      description:
        "Searches the documents that were ingested and returns the passages that answer a question.",
      effect: "read",
      input_schema: obj(
        {
          query: s("What to look for."),
          k: { type: "integer", description: "How many passages to return.", minimum: 1, maximum: 20 },
        },
        ["query"],
      ),
      examples: ex(
        ["search the docs for how to add a tool", { query: "how to add a tool" }],
        ["what do our documents say about retention", {}],
        ["look up the deployment guide", {}],
      ),
    },
  ];
}
