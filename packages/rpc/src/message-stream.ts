/** What to do at the turns of a stream's life. */
type Taps<T> = Readonly<{
  /** Sees each message before the consumer does; a throw fails the stream. */
  each?(message: T): void;
  /** Judges the end of the source; a throw turns it into a failure. */
  done?(): void;
  /** Turns what the source threw into what the consumer gets. */
  fail?(error: unknown): unknown;
  /** Called once, when the stream is over: with what was thrown, or with nothing after its end or its consumer's leaving. */
  end?(error?: unknown): void;
}>;

/**
 * Wraps every pull of a stream. A try/catch around `next()` of an interceptor sees none of this: the handler of a stream runs
 * only while its messages are pulled.
 */
export function tapStream<T>(source: AsyncIterable<T>, taps: Taps<T>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await iterator.next();
            if (!result.done) {
              taps.each?.(result.value);
              return result;
            }
            taps.done?.();
            taps.end?.();
            return result;
          } catch (thrown) {
            const error = taps.fail ? taps.fail(thrown) : thrown;
            taps.end?.(error);
            throw error;
          }
        },
        async return(value) {
          taps.end?.();
          return (await iterator.return?.(value)) ?? { done: true, value };
        },
      };
    },
  };
}

/** A stream of one message. */
export async function* streamOf<T>(message: T): AsyncGenerator<T> {
  yield message;
}
