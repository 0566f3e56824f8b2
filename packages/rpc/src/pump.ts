/**
 * Hands on the messages of a source until the source or the call ends, waiting whenever `send` asks to.
 * When the call ends first, the source is left at once, so that it can clean up. @returns whether the source ended.
 */
export async function pump<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
  send: (message: T) => Promise<void> | undefined,
): Promise<boolean> {
  const iterator = source[Symbol.asyncIterator]();
  // A source that fails while it is left has nobody to tell.
  const leave = () => void iterator.return?.().catch(() => {});
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  try {
    while (!signal.aborted) {
      const result = await iterator.next();
      if (result.done) break;
      if (signal.aborted) return false;
      const room = send(result.value);
      if (room) await room;
    }
    return !signal.aborted;
  } catch (error) {
    leave();
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
