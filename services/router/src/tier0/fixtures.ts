/** Tools that tests route among: the shapes of the built-in ones and a few of an office. */
import type { Json, JsonObject, ToolDefinition } from "./tool-definition.ts";

const object = (properties: JsonObject, required: Json[] = []): JsonObject => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const says = (...texts: string[]) => texts.map((text) => ({ text, arguments: {} }));

export const calculator: ToolDefinition = {
  name: "calculator",
  description: "Calculates an arithmetic expression exactly: sums, percentages, powers, roots.",
  effect: "pure",
  input_schema: object(
    {
      expression: { type: "string", description: 'Arithmetic, for example "12 * (3 + 4)" or "17% of 2400".' },
    },
    ["expression"],
  ),
  examples: says(
    "what is 17% of 2400?",
    "calculate 12 * (3 + 4)",
    "square root of 2",
    "add 45 and 78",
    "how much is 8 times 9",
  ),
};

export const convertUnits: ToolDefinition = {
  name: "convert_units",
  description:
    "Converts a quantity from one unit to another: length, mass, temperature, volume, speed, time.",
  effect: "pure",
  input_schema: object(
    {
      value: { type: "number", description: "The quantity in the unit `from`." },
      from: { type: "string", description: 'Unit to convert from, for example "km" or "celsius".' },
      to: { type: "string", description: 'Unit to convert to, for example "miles".' },
    },
    ["value", "from", "to"],
  ),
  examples: says("convert 5 km to miles", "how many pounds is 72 kg", "12 inches in cm"),
};

export const currentTime: ToolDefinition = {
  name: "current_time",
  description: "Tells the current date and time in a time zone, city or country.",
  effect: "read",
  input_schema: object(
    { time_zone: { type: "string", description: 'IANA time zone such as "Europe/Oslo".' } },
    ["time_zone"],
  ),
  examples: says(
    "what time is it in Oslo?",
    "current time in Tokyo",
    "what's the time in New York right now",
  ),
};

export const getWeather: ToolDefinition = {
  name: "get_weather",
  description: "Tells the current weather, or the forecast for a date, of a place or of coordinates.",
  effect: "read",
  input_schema: {
    ...object({
      place: { type: "string", description: 'City or other place, for example "Oslo" or "Paris, France".' },
      latitude: { type: "number", minimum: -90, maximum: 90, description: "In degrees, instead of a place." },
      longitude: {
        type: "number",
        minimum: -180,
        maximum: 180,
        description: "In degrees, instead of a place.",
      },
      date: {
        type: "string",
        format: "date",
        description: "Day of the forecast, YYYY-MM-DD; now when left out.",
      },
    }),
    anyOf: [{ required: ["place"] }, { required: ["latitude", "longitude"] }],
  },
  examples: says(
    "what's the weather in Oslo?",
    "how warm is it in Madrid right now",
    "will it rain in London",
    "weather forecast for Tokyo",
  ),
};

export const geocode: ToolDefinition = {
  name: "geocode",
  description: "Finds the coordinates, country and time zone of a city or other place.",
  effect: "read",
  input_schema: object({ place: { type: "string", description: 'Name of the place, for example "Oslo".' } }, [
    "place",
  ]),
  examples: [
    { text: "where is Oslo?", arguments: { place: "Oslo" } },
    { text: "coordinates of Paris, France", arguments: { place: "Paris, France" } },
  ],
};

export const searchKnowledge: ToolDefinition = {
  name: "search_knowledge",
  description:
    "Searches the documents that were added to the knowledge base and returns the passages that fit best.",
  effect: "read",
  input_schema: object(
    {
      query: { type: "string", description: "What to look for, in the user's words." },
      k: { type: "integer", minimum: 1, maximum: 20, default: 5, description: "Passages at most." },
    },
    ["query"],
  ),
  examples: says(
    "what do our documents say about refunds?",
    "search the knowledge base for the vacation policy",
    "look up error codes in the manual",
  ),
};

export const bookTable: ToolDefinition = {
  name: "book_table",
  description: "Books a table at a restaurant.",
  effect: "write",
  input_schema: object(
    {
      restaurant: { type: "string", description: "Name of the restaurant." },
      guests: { type: "integer", description: "Number of people." },
      date: { type: "string", format: "date", description: "Day of the visit." },
    },
    ["restaurant", "guests"],
  ),
};

export const builtIns: readonly ToolDefinition[] = [
  calculator,
  convertUnits,
  currentTime,
  getWeather,
  geocode,
  searchKnowledge,
];
