/** Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen, 2002; gain 2^grade − 1). */
export function ndcgAt10(found: readonly string[], grades: ReadonlyMap<string, number>): number {
  const ideal = dcg([...grades.values()].sort((a, b) => b - a));
  return ideal === 0 ? 0 : dcg(found.map((id) => grades.get(id) ?? 0)) / ideal;
}

/** Relevant ones among the first five, of all that could be there. */
export function recallAt5(found: readonly string[], grades: ReadonlyMap<string, number>): number {
  const relevant = [...grades.values()].filter((grade) => grade > 0).length;
  const hits = found.slice(0, 5).filter((id) => (grades.get(id) ?? 0) > 0).length;
  return relevant === 0 ? 0 : hits / Math.min(5, relevant);
}

function dcg(grades: readonly number[]): number {
  return grades.slice(0, 10).reduce((sum, grade, at) => sum + (2 ** grade - 1) / Math.log2(at + 2), 0);
}
