import { buildUnits, type Units } from "../spans/units.ts";
import { buildSynonyms, type Synonyms } from "../text/synonyms.ts";
import { CITY_ZONES, COUNTRY_ZONES, US_CITIES, US_STATES } from "./cities.ts";

/** World knowledge of the extractors: small tables of ours and what the runtime's ICU data knows. Keys are lower case. */
export type Lexicon = Readonly<{
  units: Units;
  synonyms: Synonyms;
  /** City, country or everyday name → IANA zone. */
  zones: ReadonlyMap<string, string>;
  cities: ReadonlySet<string>;
  countries: ReadonlySet<string>;
  /** City → its country, for US cities the state's abbreviation. */
  regions: ReadonlyMap<string, string>;
  /** US state, name and abbreviation → abbreviation. */
  states: ReadonlyMap<string, string>;
  /** Currency name, plural or code → ISO 4217 code. */
  currencies: ReadonlyMap<string, string>;
  /** Language name → ISO 639-1 code. */
  languages: ReadonlyMap<string, string>;
}>;

/** Takes some milliseconds; build one and share it. */
export function buildLexicon(): Lexicon {
  const zones = zoneTable();
  const countries = countryTable();
  const cities = new Set([...zones.keys()].filter((name) => !countries.has(name) && name.length > 3));
  return {
    units: buildUnits(),
    synonyms: buildSynonyms(),
    zones,
    cities,
    regions: regionTable(zones, cities),
    countries,
    states: stateTable(),
    currencies: currencyTable(),
    languages: languageTable(),
  };
}

function zoneTable(): Map<string, string> {
  const zones = new Map<string, string>();
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    const city = zone.split("/").at(-1)?.replaceAll("_", " ").toLowerCase();
    if (city !== undefined && zone.includes("/")) zones.set(city, zone);
    zones.set(zone.toLowerCase(), zone);
  }
  for (const table of [CITY_ZONES, COUNTRY_ZONES]) {
    for (const [zone, names] of Object.entries(table)) {
      for (const name of names.split(",")) zones.set(name.toLowerCase(), zone.trim());
    }
  }
  return zones;
}

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

function countryTable(): Set<string> {
  const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  const countries = new Set([
    "uk",
    "usa",
    "us",
    "u.s.",
    "united states of america",
    "england",
    "scotland",
    "wales",
    "uae",
    "america",
    "korea",
    "russia",
  ]);
  for (const first of LETTERS) {
    for (const second of LETTERS) {
      const name = names.of(first + second);
      if (name !== undefined) countries.add(name.toLowerCase());
    }
  }
  return countries;
}

/** A zone lies in one country as a rule; the few that serve several give their first. */
function regionTable(zones: ReadonlyMap<string, string>, cities: ReadonlySet<string>): Map<string, string> {
  const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  const countries = new Map<string, string>();
  for (const first of LETTERS) {
    for (const second of LETTERS) {
      const name = names.of(first + second);
      if (name === undefined) continue;
      for (const zone of zonesOf(first + second)) if (!countries.has(zone)) countries.set(zone, name);
    }
  }
  const regions = new Map<string, string>();
  for (const city of cities) {
    const country = countries.get(zones.get(city) ?? "");
    if (country !== undefined && country !== "United States") regions.set(city, country);
  }
  for (const [state, list] of Object.entries(US_CITIES)) {
    for (const city of list.split(",")) regions.set(city.toLowerCase(), state);
  }
  return regions;
}

/** Zones of a country; the accessor became a method in later runtimes. */
function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale("und", { region: country }) as Intl.Locale & {
    timeZones?: string[];
    getTimeZones?(): string[];
  };
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}

function stateTable(): Map<string, string> {
  const states = new Map<string, string>();
  for (const [code, name] of Object.entries(US_STATES)) {
    states.set(code.toLowerCase(), code);
    states.set(name.toLowerCase(), code);
  }
  return states;
}

/** Names that mean one currency above all, where the ICU name is longer ("US Dollar"). */
const EVERYDAY = {
  USD: "dollar,dollars,us dollar,american dollar,us dollars,american dollars,$,bucks",
  EUR: "euro,euros,€",
  GBP: "quid,pound,pounds,british pounds,pounds sterling,sterling,pound sterling,£",
  JPY: "yen,japanese yen,¥",
  INR: "rupee,rupees,indian rupees,₹",
  CNY: "yuan,renminbi,rmb,chinese yuan",
  CHF: "franc,francs,swiss francs",
  CAD: "canadian dollars",
  AUD: "australian dollars,aussie dollars",
  KRW: "won",
  RUB: "ruble,rubles",
  MXN: "peso,pesos,mexican pesos",
  BRL: "real,reais",
  SEK: "swedish kronor,swedish krona",
  NOK: "norwegian kroner,norwegian krone",
  PLN: "zloty,zlotys,złoty",
  CZK: "koruna,korunas",
  HUF: "forint,forints",
  ZAR: "rand",
  THB: "baht",
  TRY: "lira,liras",
  ILS: "shekel,shekels",
  IDR: "rupiah",
  DKK: "danish kroner,danish krone",
} as const;

function currencyTable(): Map<string, string> {
  const names = new Intl.DisplayNames(["en"], { type: "currency" });
  const currencies = new Map<string, string>();
  for (const code of Intl.supportedValuesOf("currency")) {
    const name = names.of(code)?.toLowerCase() ?? code;
    if (name.includes("(")) continue;
    currencies.set(code.toLowerCase(), code);
    currencies.set(name, code);
    currencies.set(`${name}s`, code);
  }
  for (const [code, everyday] of Object.entries(EVERYDAY)) {
    for (const name of everyday.split(",")) currencies.set(name, code);
  }
  return currencies;
}

function languageTable(): Map<string, string> {
  const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });
  const languages = new Map<string, string>();
  for (const first of LETTERS) {
    for (const second of LETTERS) {
      const code = (first + second).toLowerCase();
      const name = names.of(code)?.toLowerCase();
      if (name !== undefined && name !== code && !languages.has(name)) languages.set(name, code);
    }
  }
  return languages;
}
