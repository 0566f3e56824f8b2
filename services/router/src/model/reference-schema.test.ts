import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import { withReferences } from "./reference-schema.ts";

const SCHEMA = {
  type: "object",
  properties: {
    place: { type: "string", minLength: 1 },
    latitude: { type: "number" },
    unit: { enum: ["c", "f"] },
    day: { type: "string", format: "date" },
    points: { type: "array", items: { type: "object", properties: { x: { type: "number" } } } },
  },
  required: ["place"],
  additionalProperties: false,
};

const validate = new Ajv2020({ strict: false, formats: { date: /^\d{4}-\d\d-\d\d$/ } }).compile(
  withReferences(SCHEMA),
);

it.each([
  { place: "Oslo", latitude: 1, unit: "c", day: "2026-01-01", points: [{ x: 1 }] },
  { place: "$c1.name", latitude: "$c1.places[0].latitude", unit: "$c2", day: "$c1.day" },
  { place: "Oslo", points: "$c1.points" },
  { place: "Oslo", points: ["$c1.points[0]", { x: "$c1.x" }] },
])("%j fits a schema that takes references", (args) => {
  expect(validate(args)).toBe(true);
});

it.each([
  {},
  "$c1",
  { place: "Oslo", latitude: "59" },
  { place: "Oslo", latitude: "$x.latitude" },
  { place: "Oslo", unit: "$$c1" },
  { place: "Oslo", day: "tomorrow" },
  { place: "Oslo", other: "$c1" },
])("%j does not", (args) => {
  expect(validate(args)).toBe(false);
});
