import { setTimeout as wait } from "node:timers/promises";

/** Work in an open loop: each piece begins at its time, whether or not those before have ended. Milliseconds each began late. */
export async function arrive(rate: number, seconds: number, begin: () => void): Promise<number[]> {
  const started = performance.now();
  const late: number[] = [];
  const total = Math.round(rate * seconds);
  for (let begun = 0; begun < total; ) {
    const now = performance.now() - started;
    for (; begun < total && (begun / rate) * 1000 <= now; begun++) {
      late.push(now - (begun / rate) * 1000);
      begin();
    }
    await wait(1);
  }
  return late;
}

/** Work in a closed loop: so many at a time, for so long. */
export async function keepBusy(
  concurrent: number,
  seconds: number,
  work: () => Promise<unknown>,
): Promise<void> {
  const until = performance.now() + seconds * 1000;
  const worker = async () => {
    while (performance.now() < until) await work();
  };
  await Promise.all(Array.from({ length: concurrent }, worker));
}
