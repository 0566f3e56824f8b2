import { nearest } from "@forerun/runtime/nearest";
import { fitsQualifiers, fold, type Place, splitPlace } from "./place.ts";
import { PLACE_ROWS } from "./place-rows.ts";

/** A short list of well-known cities, for when no place service can be reached and for time zones. */
export class PlaceList {
  readonly #byName = new Map<string, Place[]>();

  constructor() {
    const countryName = new Intl.DisplayNames("en", { type: "region" });
    for (const [names, countryCode, latitude, longitude, timeZone] of PLACE_ROWS) {
      const [name = "", ...aliases] = names.split("|");
      const country = countryName.of(countryCode) ?? countryCode;
      const place: Place = {
        name,
        country,
        countryCode,
        region: "",
        latitude,
        longitude,
        timeZone,
        source: "built-in list",
      };
      for (const each of [name, ...aliases].map(fold)) {
        this.#byName.set(each, [...(this.#byName.get(each) ?? []), place]);
      }
    }
  }

  find(text: string): Place | undefined {
    const { name, qualifiers } = splitPlace(text);
    return this.#byName.get(fold(name))?.find((place) => fitsQualifiers(place, qualifiers));
  }

  /** The listed name that was probably meant. */
  nearest(text: string): string | undefined {
    const meant = nearest(fold(splitPlace(text).name), this.#byName.keys());
    return meant === undefined ? undefined : this.#byName.get(meant)?.[0]?.name;
  }

  /** The time zones of a country's listed cities; empty for what is no country. */
  zonesOfCountry(text: string): string[] {
    const wanted = [fold(text)];
    const places = [...this.#byName.values()].flat().filter((place) => fitsQualifiers(place, wanted));
    return [...new Set(places.map((place) => place.timeZone))];
  }
}
