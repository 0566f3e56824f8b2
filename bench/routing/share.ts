import type { Measurement } from "../measurement.ts";

type Counted = { label: string; metric: string; hits: number; all: number; aim?: number | null };

/** A share of cases as a measurement; one count, so its spread is nil. Throws for no cases. */
export function share({ label, metric, hits, all, aim = null }: Counted): Measurement {
  if (all === 0) throw new Error(`${label}: no cases`);
  const value = hits / all;
  return {
    bench: "tier0",
    case: label,
    metric,
    unit: `of ${all}`,
    median: value,
    min: value,
    max: value,
    reps: 1,
    reference: aim,
    ratio: aim === null ? null : value / aim,
    aim: aim === null ? null : `≥ ${aim}`,
    met: aim === null ? null : value >= aim,
  };
}
