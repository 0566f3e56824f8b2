/**
 * Waits for the first item, so that a call that fails at once can still be answered with a status of its own; what comes back
 * yields that item and the rest. Leaving the loop early ends the source.
 */
export async function peek<T>(source: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let item = first; !item.done; item = await iterator.next()) yield item.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
