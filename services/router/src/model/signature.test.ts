import { expect, it } from "vitest";
import type { Json } from "../tier0/tool-definition.ts";
import { signatureOf } from "./signature.ts";

it.each<[Json, string]>([
  [{ type: "object", properties: {} }, "{}"],
  [
    {
      type: "object",
      properties: {
        place: { type: "string", minLength: 1, description: "City\n or town." },
        days: { type: "integer" },
      },
      required: ["place"],
    },
    "{place: string (City or town.), days?: integer}",
  ],
  [{ properties: { unit: { enum: ["C", "F"] } } }, '{unit?: "C" | "F"}'],
  [{ type: "array", items: { type: "number" } }, "number[]"],
  [{ type: "array" }, "any[]"],
  [{ type: "string", format: "date" }, "string, date"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ anyOf: [{ type: "string" }, { const: 7 }] }, "string | 7"],
  [
    {
      properties: { place: { type: "string" }, latitude: { type: "number" } },
      anyOf: [{ required: ["place"] }, { required: ["latitude"] }],
    },
    "{place?: string, latitude?: number}",
  ],
  [{ properties: { at: { properties: { x: { type: "number" } }, required: ["x"] } } }, "{at?: {x: number}}"],
  [{ $ref: "#/$defs/a" }, '{"$ref":"#/$defs/a"}'],
  [{}, "any"],
  [true, "any"],
])("%j reads %s", (schema, signature) => {
  expect(signatureOf(schema)).toBe(signature);
});
