export class TimedOut extends Error {}

/**
 * The answer, or a rejection with TimedOut after so many milliseconds. An answer that has arrived while this process was
 * busy counts: it is read before the time is called over.
 */
export async function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  answer.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    // Timers fire before the sockets are read; what is set immediately comes after.
    timer = setTimeout(() => setImmediate(() => reject(new TimedOut("no answer in time"))), ms);
  });
  try {
    return await Promise.race([answer, over]);
  } finally {
    clearTimeout(timer);
    over.catch(() => {});
  }
}
