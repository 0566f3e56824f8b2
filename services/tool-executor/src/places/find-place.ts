import type { HttpJson } from "../net/http-json.ts";
import { searchOpenMeteo } from "./open-meteo-places.ts";
import type { FindPlace } from "./place.ts";
import type { PlaceList } from "./place-list.ts";

/** Finds places online, and in the built-in list when the online search cannot be reached. */
export function createFindPlace(http: HttpJson, geocodingUrl: string, list: PlaceList): FindPlace {
  return async (name, signal) => {
    const online = await searchOpenMeteo(http, geocodingUrl, name, signal);
    if (online.kind === "found") return online;
    if (online.kind === "none") return { kind: "none", nearest: list.nearest(name) };
    const place = list.find(name);
    return place ? { kind: "found", place } : online;
  };
}
