/** Tools and tenants remembered at most; the longest unseen is forgotten. */
const MOST_REMEMBERED = 1_000;

/** Sets an entry of a map that forgets. */
export function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > MOST_REMEMBERED && !oldest.done) map.delete(oldest.value);
}
