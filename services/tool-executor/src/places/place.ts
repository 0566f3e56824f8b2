/** A place on earth. Coordinates are degrees, north and east positive. */
export type Place = Readonly<{
  name: string;
  country: string;
  /** ISO 3166-1 alpha-2. */
  countryCode: string;
  /** State, county or the like; empty where unknown. */
  region: string;
  latitude: number;
  longitude: number;
  /** IANA name. */
  timeZone: string;
  /** Who says so. */
  source: "open-meteo" | "built-in list";
}>;

export type PlaceOutcome =
  | { kind: "found"; place: Place }
  | { kind: "none"; nearest: string | undefined }
  | { kind: "unreachable"; reason: string };

export type FindPlace = (name: string, signal: AbortSignal) => Promise<PlaceOutcome>;

/** "Paris, France" in its parts: the name, and what tells it from others of that name. */
export function splitPlace(text: string): { name: string; qualifiers: string[] } {
  const [name = "", ...qualifiers] = text.split(",").map((part) => part.trim());
  return { name, qualifiers: qualifiers.filter(Boolean).map(fold) };
}

/** Whether a place is the one that the qualifiers mean: each must name its country or region. */
export function fitsQualifiers(place: Omit<Place, "source">, qualifiers: readonly string[]): boolean {
  const known = [place.country, place.countryCode, place.region].map(fold);
  return qualifiers.every((qualifier) => known.includes(COUNTRY_NICKNAMES[qualifier] ?? qualifier));
}

/** Lower case without accents, for comparing names. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

const COUNTRY_NICKNAMES: Readonly<Record<string, string>> = {
  usa: "us",
  america: "us",
  uk: "gb",
  england: "gb",
  scotland: "gb",
  "great britain": "gb",
  uae: "ae",
  holland: "nl",
};
