/** Probability that one of `higher` exceeds one of `lower`, ties counting half: the area under the ROC curve (Mann and Whitney). */
export function areaUnderCurve(higher: readonly number[], lower: readonly number[]): number {
  let wins = 0;
  for (const high of higher) for (const low of lower) wins += high > low ? 1 : high === low ? 0.5 : 0;
  return wins / (higher.length * lower.length);
}
