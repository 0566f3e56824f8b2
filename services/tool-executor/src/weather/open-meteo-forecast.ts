import { z } from "zod";
import type { HttpJson } from "../net/http-json.ts";
import { serviceUrl } from "../net/service-url.ts";

const number = z.number().nullable().default(null);
const series = z.tuple([z.number().nullable()], z.number().nullable()).default([null]);

/** https://open-meteo.com/en/docs; units are the defaults: °C, km/h, mm. */
const ANSWER = z.object({
  latitude: z.number(),
  longitude: z.number(),
  timezone: z.string(),
  current: z
    .object({
      time: z.string(),
      temperature_2m: z.number(),
      apparent_temperature: number,
      relative_humidity_2m: number,
      precipitation: number,
      weather_code: number,
      wind_speed_10m: number,
    })
    .optional(),
  daily: z.object({
    time: z.tuple([z.string()], z.string()),
    weather_code: series,
    temperature_2m_max: series,
    temperature_2m_min: series,
    precipitation_sum: series,
    precipitation_probability_max: series,
    wind_speed_10m_max: series,
  }),
});

export type Forecast = z.output<typeof ANSWER>;

export type ForecastOutcome =
  | { kind: "ok"; forecast: Forecast }
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

const CURRENT =
  "temperature_2m,apparent_temperature,relative_humidity_2m,precipitation,weather_code,wind_speed_10m";
const DAILY =
  "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,precipitation_probability_max,wind_speed_10m_max";

/** One day's forecast, and the weather now when the day is not given. */
export async function fetchForecast(
  http: HttpJson,
  baseUrl: string,
  where: { latitude: number; longitude: number; date: string | undefined },
  signal: AbortSignal,
): Promise<ForecastOutcome> {
  const { latitude, longitude, date } = where;
  const days =
    date === undefined ? { current: CURRENT, forecast_days: 1 } : { start_date: date, end_date: date };
  const query = { latitude, longitude, timezone: "auto", daily: DAILY, ...days };
  const reply = await http.get(serviceUrl(baseUrl, "/v1/forecast", query), signal);
  if (reply.kind === "unreachable") return reply;
  if (reply.kind === "refused") return { kind: "refused", reason: reply.reason || `status ${reply.status}` };
  const answer = ANSWER.safeParse(reply.body);
  if (!answer.success) return { kind: "unreachable", reason: "answered in a way that cannot be read" };
  return { kind: "ok", forecast: answer.data };
}
