import type { Measurement, summary } from "../measurement.ts";

type Spread = ReturnType<typeof summary>;

/** Times to the first token, against a reference where there is one. */
export function measured(
  label: string,
  spread: Spread,
  against?: { reference: number; atMost?: number; of?: string },
): Measurement {
  const ratio = against ? spread.median / against.reference : null;
  const atMost = against?.atMost;
  return {
    bench: "speculation",
    case: label,
    metric: "first token",
    unit: "ms",
    ...spread,
    reference: against?.reference ?? null,
    ratio,
    aim: atMost === undefined ? null : `<= ${atMost} × ${against?.of}`,
    met: atMost === undefined || ratio === null ? null : ratio <= atMost,
  };
}
