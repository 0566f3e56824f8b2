/** Bucket space of hashed character n-grams; collisions at this size cost nothing measurable. */
export const GRAM_BUCKETS = 1 << 15;

const SHORTEST = 3;
const LONGEST = 5;
const MOST_GRAMS = 1500;

/** Hashed 3- to 5-grams of each word with its borders marked, as bucket → count. */
export function characterGrams(words: Iterable<string>): Map<number, number> {
  const counts = new Map<number, number>();
  let total = 0;
  for (const word of words) {
    const marked = `<${word.slice(0, 24)}>`;
    for (let size = SHORTEST; size <= LONGEST; size++) {
      for (let at = 0; at + size <= marked.length; at++) {
        const bucket = hash(marked, at, size);
        counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
        if (++total >= MOST_GRAMS) return counts;
      }
    }
  }
  return counts;
}

/** FNV-1a over UTF-16 units. */
function hash(text: string, from: number, length: number): number {
  let value = 0x811c9dc5;
  for (let at = from; at < from + length; at++) {
    value ^= text.charCodeAt(at);
    value = Math.imul(value, 0x01000193);
  }
  return (value ^ (value >>> 15)) & (GRAM_BUCKETS - 1);
}
