import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import type { JsonObject, Tool } from "@forerun/toolkit";
import { ToolFailure } from "@forerun/toolkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addTo,
  daysBetween,
  formatDate,
  parseDate,
  spanBetween,
  weekdaysBetween,
} from "../calendar/calendar.ts";
import { never, registrar } from "../fixtures/domain.ts";
import { PlaceList } from "../places/place-list.ts";
import { COMMON_UNITS } from "../units/further-units.ts";
import { parseUnit } from "../units/unit.ts";
import { convertUnits } from "./convert-units.ts";
import { currentTime } from "./current-time.ts";
import { dateMath } from "./date-math.ts";

/** Tuesday; summer time has ended in Europe and North America. */
const NOW = new Date("2026-11-24T12:30:15Z");
const now = () => NOW;
const places = new PlaceList();

/** Runs a tool as the executor does, checks included; a failure comes back as its code and message. */
async function run(tool: Tool, args: JsonObject) {
  const { checkArguments, checkOutput } = registrar(tool, { source: "test", revision: "" });
  expect(checkArguments(args)).toEqual([]);
  const scope = { signal: never(), deadline: NOW, caller: LOCAL_CALLER, trace: undefined };
  const context = { ...scope, log: silentLogger, progress() {} };
  try {
    const output = (await tool.run(args, context)) as JsonObject;
    expect(checkOutput(output)).toEqual([]);
    return { output, said: tool.render?.(output, args) };
  } catch (error) {
    if (error instanceof ToolFailure) return { code: error.code, message: error.message };
    throw error;
  }
}

describe("convert_units", () => {
  test.each([
    [5, "km", "miles", 3.10685596119, "5 km = 3.10686 miles"],
    [20, "degrees Celsius", "F", 68, "20 degrees Celsius = 68 F"],
    [-40, "fahrenheit", "celsius", -40, "-40 fahrenheit = -40 celsius"],
    [300, "K", "°C", 26.85, "300 K = 26.85 °C"],
    [60, "mph", "km/h", 96.56064, "60 mph = 96.5606 km/h"],
    [10, "knots", "m/s", 5.14444444444, "10 knots = 5.14444 m/s"],
    [500, "kcal", "kJ", 2092, "500 kcal = 2,092 kJ"],
    [2.5, "GB", "MB", 2500, "2.5 GB = 2,500 MB"],
    [12, "Inches", "CM", 30.48, "12 Inches = 30.48 CM"],
    [1, "square mile", "hectares", 258.998811034, "1 square mile = 258.999 hectares"],
    [3, "cups", "ml", 709.764709, undefined],
    [1, "light year", "km", 9_460_730_472_580.8, undefined],
  ])("%d %s is %s", async (value, from, to, result, said) => {
    const ran = await run(convertUnits, { value, from, to });
    expect(Number(ran.output?.result) / result).toBeCloseTo(1, 8);
    if (said) expect(ran.said).toBe(said);
  });

  test("an unknown unit names the nearest, two kinds are told apart", async () => {
    expect(await run(convertUnits, { value: 1, from: "kilometr", to: "m" })).toEqual({
      code: "not_found",
      message: 'There is no unit "kilometr" here. Did you mean "kilometer"?',
    });
    expect(await run(convertUnits, { value: 1, from: "kg", to: "km/h" })).toMatchObject({
      code: "invalid_arguments",
      message: '"kg" measures mass, "km/h" measures speed: one cannot become the other.',
    });
    expect(await run(convertUnits, { value: 1e308, from: "km", to: "mm" })).toMatchObject({
      code: "invalid_arguments",
    });
  });

  test("every suggested unit is one", () => {
    expect(COMMON_UNITS.filter((name) => !parseUnit(name))).toEqual([]);
  });

  test("no text is taken for a unit by accident of an object's own names", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", ""])
      expect(parseUnit(name)).toBeUndefined();
  });
});

describe("current_time", () => {
  const tool = currentTime(places, now);

  test.each([
    ["Oslo", "Europe/Oslo", "13:30:15", "+01:00"],
    ["europe/oslo", "Europe/Oslo", "13:30:15", "+01:00"],
    ["New York", "America/New_York", "07:30:15", "-05:00"],
    ["NYC", "America/New_York", "07:30:15", "-05:00"],
    ["Kathmandu", "Asia/Kathmandu", "18:15:15", "+05:45"],
    ["são paulo", "America/Sao_Paulo", "09:30:15", "-03:00"],
    ["Japan", "Asia/Tokyo", "21:30:15", "+09:00"],
    ["Paris, France", "Europe/Paris", "13:30:15", "+01:00"],
    ["Tahiti", "Pacific/Tahiti", "02:30:15", "-10:00"],
    ["UTC", "UTC", "12:30:15", "+00:00"],
    ["utc+2", "Etc/GMT-2", "14:30:15", "+02:00"],
    ["EST", "America/New_York", "07:30:15", "-05:00"],
  ])("%s is %s", async (text, zone, time, offset) => {
    const { output } = await run(tool, { time_zone: text });
    const names = [zone, zone.replace("Kathmandu", "Katmandu")];
    expect(output).toMatchObject({ time, utc_offset: offset, date: "2026-11-24", weekday: "Tuesday" });
    expect(names).toContain(output?.time_zone);
  });

  test("says it in words", async () => {
    expect((await run(tool, { time_zone: "Oslo" })).said).toBe(
      "It is 13:30 on Tuesday, 2026-11-24, in Europe/Oslo (UTC+01:00).",
    );
  });

  test("a country of several zones and a name that nobody knows are failures with a hint", async () => {
    expect(await run(tool, { time_zone: "Australia" })).toMatchObject({ code: "not_found" });
    expect((await run(tool, { time_zone: "Australia" })).message).toContain("Australia/Perth");
    expect((await run(tool, { time_zone: "Londn" })).message).toContain('Did you mean "London"?');
    expect(await run(tool, { time_zone: "Xyzzyville" })).toMatchObject({ code: "not_found" });
    expect(await run(tool, { time_zone: "../../etc/passwd" })).toMatchObject({ code: "not_found" });
  });
});

describe("date_math", () => {
  const tool = dateMath(now);

  test.each([
    [{ date: "2026-12-25" }, { start: { date: "2026-12-25", weekday: "Friday" } }, "2026-12-25 is a Friday."],
    [
      { days: 90, direction: "before" },
      { result: { date: "2026-08-26", weekday: "Wednesday" } },
      "It is Wednesday, 2026-08-26.",
    ],
    [{ date: "2026-01-31", months: 1 }, { result: { date: "2026-02-28" } }, "It is Saturday, 2026-02-28."],
    [{ date: "2024-02-29", years: 1 }, { result: { date: "2025-02-28" } }, undefined],
    [{ date: "2026-03-01T22:30", hours: 3 }, { result: { date: "2026-03-02T01:30" } }, undefined],
    [
      { until: "2026-12-25" },
      { days: 31, weekdays: 23, span: { years: 0, months: 1, days: 1 } },
      "From Tuesday, 2026-11-24 to Friday, 2026-12-25 it is 31 days.",
    ],
    [
      { date: "2026-12-25", until: "2026-12-24" },
      { days: -1 },
      "From Friday, 2026-12-25 to Thursday, 2026-12-24 it is -1 day.",
    ],
    [{ date: "1990-05-17", until: "2026-11-24" }, { span: { years: 36, months: 6, days: 7 } }, undefined],
    [
      { date: "2026-01-01", weeks: 2, until: "2026-02-01" },
      { result: { date: "2026-01-15" }, days: 17 },
      undefined,
    ],
  ])("%j", async (args, expected, said) => {
    const ran = await run(tool, args);
    expect(ran.output).toMatchObject(expected);
    if (said) expect(ran.said).toBe(said);
  });

  test("what is no date is refused, and so is what leads out of the calendar", async () => {
    for (const date of ["2026-02-30", "tomorrow", "24.11.2026", "2026-13-01", "2026-11-24T25:00"]) {
      expect(await run(tool, { date })).toMatchObject({ code: "invalid_arguments" });
    }
    expect(await run(tool, { years: 9000 })).toMatchObject({ code: "invalid_arguments" });
  });

  const date = fc
    .date({ min: new Date("0100-01-01"), max: new Date("9000-01-01"), noInvalidDate: true })
    .map((each) => new Date(each.toISOString().slice(0, 10)));

  test("days added are days counted, weekdays are those of a calendar, dates read as they are written", () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -2000, max: 2000 }), (start, days) => {
        const end = addTo(start, { days }) ?? start;
        expect(daysBetween(start, end)).toBe(days);
        expect(parseDate(formatDate(end))?.getTime()).toBe(end.getTime());
        let weekdays = 0;
        const [from, to] = days < 0 ? [end, start] : [start, end];
        for (let day = from.getTime() + 86_400_000; day <= to.getTime(); day += 86_400_000) {
          if (![0, 6].includes(new Date(day).getUTCDay())) weekdays++;
        }
        expect(Math.abs(weekdaysBetween(start, end))).toBe(weekdays);
      }),
      { numRuns: 200 },
    );
  });

  test("a span leads from the earlier date to the later one", () => {
    fc.assert(
      fc.property(date, date, (one, other) => {
        const [from, to] = one <= other ? [one, other] : [other, one];
        const { years, months, days } = spanBetween(one, other);
        const monthsOn = addTo(from, { years, months }) ?? from;
        expect(addTo(monthsOn, { days })?.getTime()).toBe(to.getTime());
        expect(Math.min(years, months, days)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
