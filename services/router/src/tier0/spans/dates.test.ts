import { describe, expect, it } from "vitest";
import { dateFormatOf, formatDate } from "./date-format.ts";
import { findDates, offsetMinutes } from "./dates.ts";

/** A Sunday. */
const NOW = new Date("2026-03-01T12:00:00Z");
const days = (text: string) => findDates(text, NOW, "UTC").map((date) => formatDate(date, "YYYY-MM-DD"));

describe("dates in a text", () => {
  it.each([
    ["tomorrow", ["2026-03-02"]],
    ["on March 10th, 2023", ["2023-03-10"]],
    ["closing March.11, 2022", ["2022-03-11"]],
    ["2022/08/16", ["2022-08-16"]],
    ["2022-08-16", ["2022-08-16"]],
    ["until December 24", ["2026-12-24"]],
    ["from July 10, 2022 to July 20, 2022", ["2022-07-10", "2022-07-20"]],
    ["today is April 25th 2023, what about tomorrow", ["2023-04-26"]],
    ["2022/99/99", []],
    ["no date at all", []],
  ])("%s → %j", (text, expected) => {
    expect(days(text)).toEqual(expected);
  });

  it("reads times of day", () => {
    const [date] = findDates("tomorrow at 6pm", NOW, "UTC");
    expect(date && formatDate(date, "YYYY-MM-DD HH:mm")).toBe("2026-03-02 18:00");
  });

  it("counts days in the user's zone", () => {
    const late = new Date("2026-03-01T23:30:00Z");
    const [date] = findDates("today", late, "Asia/Tokyo");
    expect(date && formatDate(date, "YYYY-MM-DD")).toBe("2026-03-02");
    expect(offsetMinutes(late, "Asia/Kolkata")).toBe(330);
    expect(offsetMinutes(late, "Nowhere/At_All")).toBe(0);
  });
});

describe("the format a parameter wants", () => {
  it.each([
    ["The format is MM-DD-YYYY.", undefined, "MM-DD-YYYY"],
    ["Format: yyyy-mm-dd", undefined, "YYYY-MM-DD"],
    ["in the format 'YYYY-MM-DD HH:mm:ss'", undefined, "YYYY-MM-DD HH:mm:ss"],
    ["Format: %Y-%m-%d %H:%M:%S", undefined, "YYYY-MM-DD HH:mm:ss"],
    ["such as '2023-04-15T13:45:00Z'", undefined, "iso-date-time"],
    ["in ISO-8601 format", undefined, "YYYY-MM-DD"],
    ["The date (month-day-year).", undefined, "MM-DD-YYYY"],
    ["anything", "date", "YYYY-MM-DD"],
    ["anything", "date-time", "iso-date-time"],
    ["Time in 24-hour format", undefined, "HH:mm"],
    ["the day of the visit", undefined, undefined],
  ])("%s (%s) → %s", (description, format, expected) => {
    expect(dateFormatOf(description, format)).toBe(expected);
  });
});
