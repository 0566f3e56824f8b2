/** One-sided 95 %. */
const Z = 1.6449;

/**
 * Bounds of a true share of which `share` was seen in `count` trials, each held with 95 % confidence (Wilson 1927). The count may be
 * an effective one, of weighted trials. Without trials nothing is known: 0 and 1.
 */
export function wilsonBounds(share: number, count: number): { lower: number; upper: number } {
  if (count <= 0) return { lower: 0, upper: 1 };
  const square = (Z * Z) / count;
  const middle = share + square / 2;
  const reach = Z * Math.sqrt((share * (1 - share)) / count + square / (4 * count));
  return { lower: (middle - reach) / (1 + square), upper: (middle + reach) / (1 + square) };
}
