import { type Measurement, summary } from "../measurement.ts";

/** Figures in milliseconds, against a reference where there is one. */
export function line(
  label: string,
  metric: string,
  values: readonly number[],
  against?: { reference: number; atMost?: number; of?: string },
): Measurement {
  const spread = summary(values);
  const ratio = against ? spread.median / against.reference : null;
  const atMost = against?.atMost;
  return {
    bench: "mesh",
    case: label,
    metric,
    unit: "ms",
    ...spread,
    reference: against?.reference ?? null,
    ratio,
    aim: atMost === undefined ? null : `<= ${atMost} × ${against?.of}`,
    met: atMost === undefined || ratio === null ? null : ratio <= atMost,
  };
}
