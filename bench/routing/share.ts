import { counted, type Measurement } from "../measurement.ts";

type Counted = { label: string; metric: string; hits: number; all: number; aim?: number | null };

/** A share of cases as a measurement; one count, so its spread is nil. Throws for no cases. */
export function share({ label, metric, hits, all, aim = null }: Counted): Measurement {
  if (all === 0) throw new Error(`${label}: no cases`);
  const value = hits / all;
  const figure = { ...counted("tier0", label, metric, value), unit: `of ${all}` };
  if (aim === null) return figure;
  return { ...figure, reference: aim, ratio: value / aim, aim: `≥ ${aim}`, met: value >= aim };
}
