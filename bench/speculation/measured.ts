import { compared, type Measurement, type Reference, type summary } from "../measurement.ts";

type Spread = ReturnType<typeof summary>;

/** Times to the first token, against a reference where there is one. */
export function measured(label: string, spread: Spread, against?: Reference): Measurement {
  const times = { bench: "speculation", case: label, metric: "first token", unit: "ms", ...spread };
  return { ...times, ...compared(spread.median, against) };
}
