import { stem } from "./stem.ts";

/** Words that users and schemas use for one thing. A word may stand in several groups. */
const GROUPS = [
  "location place city town where area region located near",
  "origin departure source from leaving start starting depart",
  "destination arrival target to going arrive end",
  "date day when on",
  "duration long length period time hours minutes days",
  "count number quantity amount many total num limit results top",
  "price cost budget money dollars usd fee",
  "weight mass heavy weigh weighs weighing kg pounds",
  "height tall high",
  "speed velocity fast rate",
  "age old years",
  "distance far radius within miles km",
  "temperature temp celsius fahrenheit degrees kelvin",
  "film movie movies cinema",
  "song track music",
  "author writer written wrote by",
  "director directed",
  "cast actor actress starring star",
  "artist singer band performer painter sculptor by",
  "company corporation business firm",
  "person people name who",
  "email mail address",
  "minimum min least above",
  "maximum max most below under up",
  "principal investment loan invested initial",
  "interest rate percent percentage yield",
  "guests people persons party",
  "passengers people travelers seats",
  "language translate into",
  "query search question keyword topic about",
  "message text content body say saying",
  "title called named name",
  "category genre type kind style",
  "color colour",
  "cuisine food restaurant dish",
  "id identifier number code",
  "phone telephone mobile number",
  "account number",
  "symbol ticker stock",
  "year years",
  "weather forecast rain rainy temperature sun sunny snow snowy snowfall snowstorm blizzard wind windy storm stormy humid humidity umbrella warm warmer cold colder hot hotter chilly freezing fog foggy cloud cloudy overcast hail thunderstorm",
  "clock time hour",
  "convert conversion exchange",
  "zone timezone",
  "doc document documentation manual handbook guide wiki",
  "search find look lookup",
  "calculate compute arithmetic sum subtract multiply divide times plus minus percent math",
  "delete remove erase drop",
  "add create new remember append",
  "update change edit modify rename",
  "complete finish done finished completed mark",
  "mid medium moderate middle",
  "high strong maximum strongest powerful",
  "low weak minimum weakest gentle",
  "ascending increasing smallest",
  "descending decreasing largest",
  "male man",
  "female woman",
] as const;

/** Stem → stems of the same group, itself excluded. */
export type Synonyms = ReadonlyMap<string, ReadonlySet<string>>;

export function buildSynonyms(): Synonyms {
  const map = new Map<string, Set<string>>();
  for (const group of GROUPS) {
    const stems = group.split(" ").map(stem);
    for (const one of stems) {
      const others = map.get(one) ?? new Set<string>();
      for (const other of stems) if (other !== one) others.add(other);
      map.set(one, others);
    }
  }
  return map;
}
