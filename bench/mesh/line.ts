import { compared, type Measurement, type Reference, summary } from "../measurement.ts";

/** Figures in milliseconds, against a reference where there is one. */
export function line(
  label: string,
  metric: string,
  values: readonly number[],
  against?: Reference,
): Measurement {
  const spread = summary(values);
  return { bench: "mesh", case: label, metric, unit: "ms", ...spread, ...compared(spread.median, against) };
}
