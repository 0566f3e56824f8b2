import type { Tier0Question } from "@forerun/router/tier0/decision/decide";

/** The clock of every measured question, so that "tomorrow" is the same day in each run. */
export const CLOCK = { now: new Date("2024-03-01T12:00:00Z"), timeZone: "UTC" };

/** A message without a conversation before it. */
export function askedAlone(text: string): Tier0Question {
  return { text, history: [], clock: CLOCK, toolChoice: "auto", maxCalls: 16 };
}
