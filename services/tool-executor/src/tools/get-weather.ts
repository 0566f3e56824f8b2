import { defineTool, type JsonObject, type Tool, ToolFailure } from "@forerun/toolkit";
import { z } from "zod";
import { parseDate } from "../calendar/calendar.ts";
import type { HttpJson } from "../net/http-json.ts";
import type { FindPlace } from "../places/place.ts";
import { placeOrFailure } from "../places/place-or-failure.ts";
import { type Forecast, fetchForecast } from "../weather/open-meteo-forecast.ts";
import { weatherWords } from "../weather/weather-words.ts";

/** Plain JSON Schema, since zod has no word for "one of these sets of fields is required". */
const INPUT: JsonObject = {
  type: "object",
  properties: {
    place: {
      type: "string",
      minLength: 1,
      maxLength: 200,
      description: 'City or other place, for example "Oslo" or "Paris, France".',
    },
    latitude: { type: "number", minimum: -90, maximum: 90, description: "In degrees, instead of a place." },
    longitude: {
      type: "number",
      minimum: -180,
      maximum: 180,
      description: "In degrees, instead of a place.",
    },
    date: {
      type: "string",
      format: "date",
      description: "Day of the forecast, YYYY-MM-DD; now when left out.",
    },
  },
  additionalProperties: false,
  anyOf: [{ required: ["place"] }, { required: ["latitude", "longitude"] }],
};

const measure = z.number().nullable();
const OUTPUT = z.strictObject({
  place: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  date: z.string(),
  time_zone: z.string(),
  now: z
    .strictObject({
      time: z.string().describe("Local time of the observation."),
      conditions: z.string(),
      temperature_c: z.number(),
      feels_like_c: measure,
      humidity_percent: measure,
      precipitation_mm: measure,
      wind_kmh: measure,
    })
    .optional(),
  day: z.strictObject({
    conditions: z.string(),
    high_c: measure,
    low_c: measure,
    precipitation_mm: measure,
    precipitation_percent: measure,
    wind_kmh: measure,
  }),
  source: z.literal("open-meteo"),
});
type Weather = z.output<typeof OUTPUT>;

type Arguments = { place?: string; latitude?: number; longitude?: number; date?: string };

export type WeatherDeps = Readonly<{ http: HttpJson; forecastUrl: string; findPlace: FindPlace }>;

/** Weather now, or the forecast of a day, by place or coordinates. */
export function getWeather(deps: WeatherDeps): Tool {
  return defineTool({
    name: "get_weather",
    description: "Tells the current weather, or the forecast for a date, of a place or of coordinates.",
    effect: "read",
    input: INPUT,
    output: OUTPUT,
    examples: [
      { text: "what's the weather in Oslo?", arguments: { place: "Oslo" } },
      { text: "how warm is it in Madrid right now", arguments: { place: "Madrid" } },
      { text: "will it rain in London on 2026-11-26?", arguments: { place: "London", date: "2026-11-26" } },
      { text: "weather forecast for Tokyo", arguments: { place: "Tokyo" } },
      { text: "temperature in Cape Town today", arguments: { place: "Cape Town" } },
      {
        text: "weather at latitude 59.91 and longitude 10.75",
        arguments: { latitude: 59.91, longitude: 10.75 },
      },
      { text: "is it snowing in Tromsø", arguments: { place: "Tromsø" } },
    ],
    timeoutMs: 6000,
    cacheTtlMs: 600_000,
    async run(input, { signal }) {
      const { date, ...args } = input as Arguments;
      if (date !== undefined && !parseDate(date))
        throw new ToolFailure("invalid_arguments", `"${date}" is not a date.`);
      const where = await locate(args, deps.findPlace, signal);
      const outcome = await fetchForecast(deps.http, deps.forecastUrl, { ...where, date }, signal);
      switch (outcome.kind) {
        case "ok":
          return weatherOf(where.name, outcome.forecast);
        case "refused":
          throw new ToolFailure(
            "invalid_arguments",
            `The weather service refused the question: ${outcome.reason}.`,
          );
        case "unreachable":
          throw new ToolFailure(
            "unreachable",
            `The weather service ${outcome.reason}; the weather is not known.`,
          );
        default:
          return outcome satisfies never;
      }
    },
    render: say,
  });
}

async function locate(
  { place, latitude, longitude }: Omit<Arguments, "date">,
  find: FindPlace,
  signal: AbortSignal,
): Promise<{ name: string; latitude: number; longitude: number }> {
  if (latitude !== undefined && longitude !== undefined) {
    return { name: place ?? `${latitude}, ${longitude}`, latitude, longitude };
  }
  const found = await placeOrFailure(find, place ?? "", signal);
  const name = found.country ? `${found.name}, ${found.country}` : found.name;
  return { name, latitude: found.latitude, longitude: found.longitude };
}

function weatherOf(place: string, { latitude, longitude, timezone, current, daily }: Forecast): Weather {
  return {
    place,
    latitude,
    longitude,
    date: daily.time[0],
    time_zone: timezone,
    ...(current ? { now: nowOf(current) } : {}),
    day: {
      conditions: conditions(daily.weather_code[0]),
      high_c: daily.temperature_2m_max[0],
      low_c: daily.temperature_2m_min[0],
      precipitation_mm: daily.precipitation_sum[0],
      precipitation_percent: daily.precipitation_probability_max[0],
      wind_kmh: daily.wind_speed_10m_max[0],
    },
    source: "open-meteo",
  };
}

function nowOf(current: NonNullable<Forecast["current"]>): NonNullable<Weather["now"]> {
  return {
    time: current.time,
    conditions: conditions(current.weather_code),
    temperature_c: current.temperature_2m,
    feels_like_c: current.apparent_temperature,
    humidity_percent: current.relative_humidity_2m,
    precipitation_mm: current.precipitation,
    wind_kmh: current.wind_speed_10m,
  };
}

function conditions(code: number | null): string {
  return code === null ? "unknown" : weatherWords(code);
}

function say({ place, date, now, day }: Weather): string {
  const range = day.low_c === null || day.high_c === null ? "" : `, ${day.low_c} to ${day.high_c} °C`;
  const rain =
    day.precipitation_percent === null ? "" : `, ${day.precipitation_percent} % chance of precipitation`;
  if (!now) return `${place} on ${date}: ${day.conditions}${range}${rain}.`;
  const wind = now.wind_kmh === null ? "" : `, wind ${now.wind_kmh} km/h`;
  return `${place} now: ${now.temperature_c} °C, ${now.conditions}${wind}. Today: ${day.conditions}${range}${rain}.`;
}
