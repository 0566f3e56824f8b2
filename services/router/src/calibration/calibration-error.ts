export type Forecast = Readonly<{ probability: number; happened: boolean; weight: number }>;

const BINS = 10;

/** Expected calibration error: the mean distance between probability and frequency over ten bins of equal width. 0 is perfect. */
export function calibrationError(forecasts: readonly Forecast[]): number {
  const bins = Array.from({ length: BINS }, () => ({ weight: 0, expected: 0, seen: 0 }));
  for (const { probability, happened, weight } of forecasts) {
    const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))];
    if (bin === undefined) continue;
    bin.weight += weight;
    bin.expected += weight * probability;
    if (happened) bin.seen += weight;
  }
  const total = bins.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return 0;
  return bins.reduce((sum, { expected, seen }) => sum + Math.abs(expected - seen), 0) / total;
}
