/** What a clock on the wall of a time zone shows. */
export type LocalTime = Readonly<{
  /** "2026-11-24" */
  date: string;
  /** "14:05:09" */
  time: string;
  weekday: string;
  /** "+01:00" */
  offset: string;
}>;

/** The wall clock of an IANA time zone at an instant. */
export function localTime(instant: Date, timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    weekday: "long",
    timeZoneName: "longOffset",
  });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "";
  return {
    date: `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`,
    time: `${part("hour")}:${part("minute")}:${part("second")}`,
    weekday: part("weekday"),
    offset: part("timeZoneName").replace("GMT", "") || "+00:00",
  };
}
