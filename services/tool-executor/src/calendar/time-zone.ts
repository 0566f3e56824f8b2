import { fold } from "../places/place.ts";
import type { PlaceList } from "../places/place-list.ts";

export type ZoneOutcome =
  | { kind: "found"; zone: string }
  | { kind: "several"; country: string; zones: readonly string[] }
  | { kind: "none"; nearest: string | undefined };

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  z: "UTC",
  utc: "UTC",
  gmt: "UTC",
  pt: "America/Los_Angeles",
  pst: "America/Los_Angeles",
  pdt: "America/Los_Angeles",
  mt: "America/Denver",
  mst: "America/Denver",
  mdt: "America/Denver",
  ct: "America/Chicago",
  cdt: "America/Chicago",
  et: "America/New_York",
  est: "America/New_York",
  edt: "America/New_York",
  cet: "Europe/Paris",
  cest: "Europe/Paris",
  bst: "Europe/London",
  jst: "Asia/Tokyo",
  aest: "Australia/Sydney",
  aedt: "Australia/Sydney",
};

/** Finds the IANA time zone that a text means: a zone, a city, a country with one zone, an abbreviation or "UTC+2". */
export function findTimeZone(text: string, places: PlaceList): ZoneOutcome {
  const folded = fold(text);
  const zone =
    ABBREVIATIONS[folded] ??
    offsetZone(folded) ??
    ianaZone(text.trim()) ??
    places.find(text)?.timeZone ??
    zoneByCity(folded);
  if (zone) return { kind: "found", zone };
  const [first, ...others] = places.zonesOfCountry(text);
  if (first && others.length === 0) return { kind: "found", zone: first };
  if (first) return { kind: "several", country: text, zones: [first, ...others] };
  return { kind: "none", nearest: places.nearest(text) };
}

/** The zone in its own spelling; Intl knows old names, too. */
function ianaZone(name: string): string | undefined {
  if (!/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)+$/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** "Europe/Oslo" for "oslo". */
function zoneByCity(folded: string): string | undefined {
  const city = folded.replaceAll(" ", "_");
  return Intl.supportedValuesOf("timeZone").find((zone) => zone.toLowerCase().endsWith(`/${city}`));
}

/** "utc+2" and the like; the names of the Etc zones count the other way round. */
function offsetZone(folded: string): string | undefined {
  const match = /^(?:utc|gmt)\s*([+-])\s*(\d{1,2})(?::?00)?$/.exec(folded);
  if (!match) return undefined;
  const hours = Number(match[2]);
  if (hours === 0) return "UTC";
  return hours <= 14 ? ianaZone(`Etc/GMT${match[1] === "+" ? "-" : "+"}${hours}`) : undefined;
}
