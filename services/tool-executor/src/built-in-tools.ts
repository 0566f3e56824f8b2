import type { Tool } from "@forerun/toolkit";
import { ExpressionEvaluator } from "./calculator/expression-evaluator.ts";
import { HttpJson } from "./net/http-json.ts";
import { createFindPlace } from "./places/find-place.ts";
import { PlaceList } from "./places/place-list.ts";
import { calculator } from "./tools/calculator.ts";
import { convertUnits } from "./tools/convert-units.ts";
import { currentTime } from "./tools/current-time.ts";
import { dateMath } from "./tools/date-math.ts";
import { exchangeRate } from "./tools/exchange-rate.ts";
import { geocode } from "./tools/geocode.ts";
import { getWeather } from "./tools/get-weather.ts";
import { type SearchKnowledge, searchKnowledge } from "./tools/search-knowledge.ts";
import { stockQuote } from "./tools/stock-quote.ts";

export type BuiltInDeps = Readonly<{
  forecastUrl: string;
  geocodingUrl: string;
  frankfurterUrl: string;
  quoteUrl: string | undefined;
  search: SearchKnowledge;
  now(): Date;
}>;

/** The built-in tools with what they hold open. `warm` starts what takes a while, in the background. */
export type BuiltInTools = { tools: readonly Tool[]; warm(): void } & AsyncDisposable;

/** Opens nothing until a tool is called or `warm` is. */
export function createBuiltInTools(deps: BuiltInDeps): BuiltInTools {
  const { forecastUrl, geocodingUrl, frankfurterUrl, quoteUrl, search, now } = deps;
  const evaluator = new ExpressionEvaluator();
  const http = new HttpJson();
  const places = new PlaceList();
  const findPlace = createFindPlace(http, geocodingUrl, places);
  return {
    tools: [
      calculator(evaluator),
      convertUnits,
      currentTime(places, now),
      dateMath(now),
      exchangeRate({ http, frankfurterUrl }),
      geocode(findPlace),
      getWeather({ http, forecastUrl, findPlace }),
      searchKnowledge(search),
      stockQuote({ http, quoteUrl }),
    ],
    warm: () => evaluator.warm(),
    async [Symbol.asyncDispose]() {
      await Promise.all([evaluator[Symbol.asyncDispose](), http[Symbol.asyncDispose]()]);
    },
  };
}
