import { defineTool, type Tool, ToolFailure } from "@forerun/toolkit";
import { z } from "zod";
import { localTime } from "../calendar/local-time.ts";
import { findTimeZone } from "../calendar/time-zone.ts";
import type { PlaceList } from "../places/place-list.ts";

/** The wall clock of a time zone, found by IANA name, city or country. */
export function currentTime(places: PlaceList, now: () => Date): Tool {
  return defineTool({
    name: "current_time",
    description: "Tells the current date and time in a time zone, city or country.",
    effect: "read",
    input: z.strictObject({
      time_zone: z
        .string()
        .min(1)
        .max(100)
        .describe('IANA time zone such as "Europe/Oslo", or a city such as "Oslo".'),
    }),
    output: z.strictObject({
      time_zone: z.string().describe("IANA name."),
      date: z.string().describe("Local date, YYYY-MM-DD."),
      time: z.string().describe("Local time, HH:MM:SS."),
      weekday: z.string(),
      utc_offset: z.string().describe("Such as +01:00."),
    }),
    examples: [
      { text: "what time is it in Oslo?", arguments: { time_zone: "Oslo" } },
      { text: "current time in Tokyo", arguments: { time_zone: "Tokyo" } },
      { text: "what's the time in New York right now", arguments: { time_zone: "New York" } },
      { text: "tell me the local time in Europe/Berlin", arguments: { time_zone: "Europe/Berlin" } },
      { text: "what day is it in Sydney", arguments: { time_zone: "Sydney" } },
      { text: "time now in UTC", arguments: { time_zone: "UTC" } },
    ],
    timeoutMs: 1000,
    cacheTtlMs: 0,
    async run({ time_zone }) {
      const zone = zoneOf(time_zone, places);
      const { date, time, weekday, offset } = localTime(now(), zone);
      return { time_zone: zone, date, time, weekday, utc_offset: offset };
    },
    render: ({ time_zone, time, date, weekday, utc_offset }) =>
      `It is ${time.slice(0, 5)} on ${weekday}, ${date}, in ${time_zone} (UTC${utc_offset}).`,
  });
}

function zoneOf(text: string, places: PlaceList): string {
  const outcome = findTimeZone(text, places);
  switch (outcome.kind) {
    case "found":
      return outcome.zone;
    case "several":
      throw new ToolFailure(
        "not_found",
        `"${text}" spans several time zones (${outcome.zones.slice(0, 12).join(", ")}); name a city or one of these.`,
      );
    case "none":
      throw new ToolFailure(
        "not_found",
        `There is no time zone or known city "${text}".${outcome.nearest ? ` Did you mean "${outcome.nearest}"?` : " An IANA name such as Europe/Oslo always works."}`,
      );
    default:
      return outcome satisfies never;
  }
}
