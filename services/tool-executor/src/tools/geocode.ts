import { defineTool, type Tool } from "@forerun/toolkit";
import { z } from "zod";
import type { FindPlace } from "../places/place.ts";
import { placeOrFailure } from "../places/place-or-failure.ts";

const OUTPUT = z.strictObject({
  name: z.string(),
  region: z.string().optional(),
  country: z.string(),
  country_code: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  time_zone: z.string().describe("IANA name."),
  source: z.enum(["open-meteo", "built-in list"]).describe("Who says so; the built-in list is coarse."),
});

/** Coordinates of a place. */
export function geocode(find: FindPlace): Tool {
  return defineTool({
    name: "geocode",
    description: "Finds the coordinates, country and time zone of a city or other place.",
    effect: "read",
    input: z.strictObject({
      place: z.string().min(1).max(200).describe('Name of the place, for example "Oslo" or "Paris, France".'),
    }),
    output: OUTPUT,
    examples: [
      { text: "where is Oslo?", arguments: { place: "Oslo" } },
      { text: "coordinates of Paris, France", arguments: { place: "Paris, France" } },
      { text: "what are the latitude and longitude of Nairobi", arguments: { place: "Nairobi" } },
      { text: "geocode Buenos Aires", arguments: { place: "Buenos Aires" } },
      { text: "find the location of Kyoto on the map", arguments: { place: "Kyoto" } },
    ],
    timeoutMs: 5000,
    cacheTtlMs: 86_400_000,
    async run({ place }, { signal }) {
      const found = await placeOrFailure(find, place, signal);
      return {
        name: found.name,
        ...(found.region ? { region: found.region } : {}),
        country: found.country,
        country_code: found.countryCode,
        latitude: found.latitude,
        longitude: found.longitude,
        time_zone: found.timeZone,
        source: found.source,
      };
    },
    render: ({ name, country, latitude, longitude }) =>
      `${name}${country ? `, ${country}` : ""}: ${degrees(latitude, "N", "S")}, ${degrees(longitude, "E", "W")}`,
  });
}

function degrees(value: number, positive: string, negative: string): string {
  return `${Math.abs(value).toFixed(2)}° ${value < 0 ? negative : positive}`;
}
