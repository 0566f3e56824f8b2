import { z } from "zod";
import type { HttpJson } from "../net/http-json.ts";
import { serviceUrl } from "../net/service-url.ts";
import { fitsQualifiers, type Place, splitPlace } from "./place.ts";

const CANDIDATES = 10;

/** https://open-meteo.com/en/docs/geocoding-api; `results` is missing when nothing was found. */
const ANSWER = z.object({
  results: z
    .array(
      z.object({
        name: z.string(),
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        country: z.string().default(""),
        country_code: z.string().default(""),
        admin1: z.string().default(""),
        timezone: z.string().default(""),
      }),
    )
    .default([]),
});

export type OnlineOutcome =
  | { kind: "found"; place: Place }
  | { kind: "none" }
  | { kind: "unreachable"; reason: string };

/** Asks Open-Meteo's place search; the best known place comes first. */
export async function searchOpenMeteo(
  http: HttpJson,
  baseUrl: string,
  text: string,
  signal: AbortSignal,
): Promise<OnlineOutcome> {
  const { name, qualifiers } = splitPlace(text);
  const query = { name, count: CANDIDATES, language: "en", format: "json" };
  const reply = await http.get(serviceUrl(baseUrl, "/v1/search", query), signal);
  if (reply.kind === "unreachable") return reply;
  if (reply.kind === "refused")
    return { kind: "unreachable", reason: `refused the question (${reply.status})` };
  const answer = ANSWER.safeParse(reply.body);
  if (!answer.success) return { kind: "unreachable", reason: "answered in a way that cannot be read" };
  const places = answer.data.results.map(({ admin1, country_code, timezone, ...place }) => ({
    ...place,
    countryCode: country_code,
    region: admin1,
    timeZone: timezone,
    source: "open-meteo" as const,
  }));
  const place = places.find((candidate) => fitsQualifiers(candidate, qualifiers));
  return place ? { kind: "found", place } : { kind: "none" };
}
