/** One line of a bench's result. `ratio` is median / reference; `met` says whether the aim was reached in this run. */
export type Measurement = {
  bench: string;
  case: string;
  metric: string;
  unit: string;
  median: number;
  min: number;
  max: number;
  reps: number;
  reference: number | null;
  ratio: number | null;
  aim: string | null;
  met: boolean | null;
};

/** A figure that was counted once, so that its spread is nil, and that has nothing to be compared with. */
export function counted(bench: string, label: string, metric: string, value: number): Measurement {
  return {
    bench,
    case: label,
    metric,
    unit: "share",
    median: value,
    min: value,
    max: value,
    reps: 1,
    reference: null,
    ratio: null,
    aim: null,
    met: null,
  };
}

/** Figures that have a bound of their own, which each of them must keep, and nothing to be compared with. */
export function bounded(
  bench: string,
  label: string,
  metric: string,
  unit: string,
  values: readonly number[],
  most: number,
): Measurement {
  const figures = summary(values);
  const verdict = { aim: `<= ${most} ${unit}`, met: figures.max <= most };
  return { bench, case: label, metric, unit, ...figures, reference: null, ratio: null, ...verdict };
}

/** What a median is held against: `atMost` times the reference, which is called `of`, where there is an aim. */
export type Reference = { reference: number; atMost?: number; of?: string };

/** The part of a measurement that compares it. */
export function compared(
  median: number,
  against: Reference | undefined,
): Pick<Measurement, "reference" | "ratio" | "aim" | "met"> {
  if (!against) return { reference: null, ratio: null, aim: null, met: null };
  const { reference, atMost, of } = against;
  const ratio = median / reference;
  if (atMost === undefined) return { reference, ratio, aim: null, met: null };
  return { reference, ratio, aim: `<= ${atMost} × ${of}`, met: ratio <= atMost };
}

/** Sorted ascending, so that the middle is the median. */
export function summary(values: readonly number[]): {
  median: number;
  min: number;
  max: number;
  reps: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    reps: sorted.length,
  };
}

/** Nearest rank of ascending values. Throws for none: a bench that measured nothing must not look like a fast one. */
export function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}
