import { describe, expect, it } from "vitest";
import { createPrior } from "../decision/prior.ts";
import { readParameters } from "../parameters/parameter.ts";
import { toolStems } from "../ranking/tool-stems.ts";
import { readUtterance } from "../spans/utterance.ts";
import type { JsonObject } from "../tool-definition.ts";
import { extractArguments } from "./extract.ts";

const prior = createPrior();
const CLOCK = { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" };

type Tool = { name: string; description: string; properties: JsonObject; required?: string[] };

function read(tool: Tool, text: string) {
  const schema = {
    type: "object",
    properties: tool.properties,
    required: tool.required ?? Object.keys(tool.properties),
  };
  const utterance = readUtterance(text, prior.lexicon, CLOCK);
  return extractArguments(readParameters(schema, prior.lexicon), toolStems(tool), utterance, prior.arguments);
}

const cylinder: Tool = {
  name: "cylinder_volume",
  description: "Volume of a cylinder.",
  properties: {
    radius: { type: "number", description: "Radius of the base in meters." },
    height: { type: "number", description: "Height in meters." },
  },
};
const ferry: Tool = {
  name: "find_ferries",
  description: "Finds ferries between two ports.",
  properties: {
    origin: { type: "string", description: "Port of departure." },
    destination: { type: "string", description: "Port of arrival." },
    date: { type: "string", format: "date", description: "Day of the crossing." },
    class: { type: "string", enum: ["standard", "first", "cabin"], description: "Class of travel." },
    pets: { type: "boolean", description: "Whether pets are taken along.", default: false },
  },
  required: ["origin", "destination"],
};
const exchange: Tool = {
  name: "convert_currency",
  description: "Converts money.",
  properties: {
    amount: { type: "number", description: "Amount of money." },
    from_currency: { type: "string", description: "Currency code to convert from." },
    to_currency: { type: "string", description: "Currency code to convert to." },
  },
};
const service: Tool = {
  name: "order_service",
  description: "Orders a household service.",
  properties: {
    service_id: {
      type: "integer",
      description: "For example, 1 for cleaning, 2 for ironing, 3 for gardening.",
    },
  },
};
const median: Tool = {
  name: "median",
  description: "Median of a list.",
  properties: { numbers: { type: "array", items: { type: "number" }, description: "The numbers." } },
};
const toppings: Tool = {
  name: "order_pizza",
  description: "Orders a pizza.",
  properties: {
    size: { type: "string", enum: ["small", "medium", "large"], description: "Size of the pizza." },
    toppings: {
      type: "array",
      items: { type: "string", enum: ["olives", "mushrooms", "ham"] },
      description: "What goes on it.",
    },
  },
  required: ["size"],
};
const mail: Tool = {
  name: "send_mail",
  description: "Sends a mail.",
  properties: {
    to: { type: "string", format: "email", description: "Address of the recipient." },
    subject: { type: "string", description: "Subject line." },
  },
  required: ["to"],
};
const wall: Tool = {
  name: "paint_needed",
  description: "Paint that a wall needs.",
  properties: {
    wall: {
      type: "object",
      properties: {
        width: { type: "number", description: "Width of the wall in meters." },
        height: { type: "number", description: "Height of the wall in meters." },
      },
      required: ["width", "height"],
    },
  },
};
const interest: Tool = {
  name: "savings",
  description: "Grows savings.",
  properties: {
    principal: { type: "number", description: "Initial amount." },
    rate: { type: "number", description: "Yearly interest rate as a decimal." },
    years: { type: "integer", description: "Number of years." },
  },
};
const timer: Tool = {
  name: "start_timer",
  description: "Starts a timer.",
  properties: { seconds: { type: "integer", description: "Duration in seconds." } },
};
const equation: Tool = {
  name: "solve_linear",
  description: "Solves a*x + b = c.",
  properties: {
    a: { type: "integer", description: "Factor of x." },
    b: { type: "integer", description: "What is added." },
    c: { type: "integer", description: "Right side." },
  },
};
const translate: Tool = {
  name: "translate",
  description: "Translates text.",
  properties: {
    text: { type: "string", description: "Text to translate." },
    language: {
      type: "string",
      enum: ["en", "fr", "de", "es"],
      description: "Target language code, such as 'fr' for French.",
    },
  },
};
const archive: Tool = {
  name: "list_reports",
  description: "Lists reports.",
  properties: {
    include_drafts: { type: "boolean", description: "Include drafts in the list.", default: false },
    year: { type: "integer", description: "Year of the reports." },
  },
  required: [],
};

describe("arguments read from a text", () => {
  it.each<[string, Tool, string, JsonObject]>([
    [
      "numbers by the words before them",
      cylinder,
      "volume of a cylinder with radius 3 and height 12",
      { radius: 3, height: 12 },
    ],
    [
      "numbers in another order",
      cylinder,
      "a cylinder with a height of 12 m and a radius of 3 m",
      { radius: 3, height: 12 },
    ],
    ["numbers converted into the wanted unit", timer, "start a timer of 2 minutes", { seconds: 120 }],
    ["numbers in the wanted unit as they are", timer, "timer for 45 seconds", { seconds: 45 }],
    ["letters with an equals sign", equation, "solve with a = 3, b = -4 and c = 11", { a: 3, b: -4, c: 11 }],
    [
      "places by their prepositions",
      ferry,
      "ferries from Bergen to Stavanger",
      { origin: "Bergen", destination: "Stavanger" },
    ],
    [
      "places the other way round",
      ferry,
      "a ferry to Stavanger from Bergen",
      { origin: "Bergen", destination: "Stavanger" },
    ],
    [
      "a date",
      ferry,
      "ferries from Kiel to Oslo on 2026-04-05",
      { origin: "Kiel", destination: "Oslo", date: "2026-04-05" },
    ],
    [
      "a relative date",
      ferry,
      "ferry from Kiel to Oslo tomorrow",
      { origin: "Kiel", destination: "Oslo", date: "2026-03-02" },
    ],
    [
      "an enum value",
      ferry,
      "first class ferry from Kiel to Oslo",
      { origin: "Kiel", destination: "Oslo", class: "first" },
    ],
    [
      "a flag by its cue",
      ferry,
      "ferries from Kiel to Oslo with pets",
      { origin: "Kiel", destination: "Oslo", pets: true },
    ],
    [
      "currencies and their amount",
      exchange,
      "convert 250 GBP to JPY",
      { amount: 250, from_currency: "GBP", to_currency: "JPY" },
    ],
    [
      "a number the description explains by a word",
      service,
      "please order ironing for tomorrow",
      { service_id: 2 },
    ],
    ["a list of numbers", median, "median of 4, 8, 15 and 16", { numbers: [4, 8, 15, 16] }],
    ["a bracketed list", median, "what is the median of [2.5, 3, 9]?", { numbers: [2.5, 3, 9] }],
    [
      "several enum values",
      toppings,
      "a large pizza with olives and mushrooms",
      { size: "large", toppings: ["olives", "mushrooms"] },
    ],
    [
      "an address and a quotation",
      mail,
      "mail ana@example.org with subject 'Lunch'",
      { to: "ana@example.org", subject: "Lunch" },
    ],
    [
      "fields of an object",
      wall,
      "a wall with a width of 4 m and a height of 2.5 m",
      { wall: { width: 4, height: 2.5 } },
    ],
    [
      "money, a percentage as a decimal, and years",
      interest,
      "savings of $2,000 at a rate of 5% for 10 years",
      { principal: 2000, rate: 0.05, years: 10 },
    ],
    [
      "a language by its name",
      translate,
      "translate 'good night' into German",
      { text: "good night", language: "de" },
    ],
    ["nothing where nothing is said", archive, "show me the reports", {}],
    ["a year", archive, "reports of the year 2021", { year: 2021 }],
  ])("%s", (_, tool, text, expected) => {
    expect(read(tool, text).arguments).toEqual(expected);
  });

  it("never invents a required value", () => {
    expect(read(cylinder, "volume of a cylinder with radius 3")).toMatchObject({ missing: ["height"] });
    expect(read(toppings, "a pizza please").missing).toEqual(["size"]);
    expect(read(median, "the median please").missing).toEqual(["numbers"]);
  });

  it("is surer of what is said plainly", () => {
    const plain = read(cylinder, "volume of a cylinder with radius 3 and height 12").probability;
    const loose = read(cylinder, "3 something 12 whatever cylinder").probability;
    expect(plain).toBeGreaterThan(loose);
    expect(plain).toBeGreaterThan(0.5);
  });
});
