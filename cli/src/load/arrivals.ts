import { setTimeout as sleep } from "node:timers/promises";

/** When turns are due. */
export type Arrivals = {
  /** Open loop: so many a second on average, whatever the server does. */
  rate: number | undefined;
  /** Closed loop: so many side by side, each new one when an old one has ended. */
  concurrency: number;
  /** Neither more turns than this, nor later than that, in milliseconds from the start. */
  turns: number;
  durationMs: number;
};

/** Turns of an open loop that may be under way; what is due beyond is not sent. */
const MOST_OPEN = 5_000;

export type LoadWork = {
  /** Takes one turn from the moment it was due, by `performance.now()`. Never rejects. */
  take(dueAt: number): Promise<void>;
  notSent(): void;
};

/** Runs turns as they are due, until enough were or the time is over, and waits for the last of them. */
export async function runArrivals(arrivals: Arrivals, work: LoadWork, signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  const over = () => signal.aborted || performance.now() - begun >= arrivals.durationMs;
  if (arrivals.rate === undefined) await closedLoop(arrivals, work, over);
  else await openLoop(arrivals.rate, arrivals.turns, work, over);
}

async function closedLoop(
  { concurrency, turns }: Arrivals,
  work: LoadWork,
  over: () => boolean,
): Promise<void> {
  let left = turns;
  const worker = async () => {
    while (left > 0 && !over()) {
      left -= 1;
      await work.take(performance.now());
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, turns) }, worker));
}

/** Gaps between arrivals are exponential, as those of many people who know nothing of each other. */
async function openLoop(rate: number, turns: number, work: LoadWork, over: () => boolean): Promise<void> {
  const open = new Set<Promise<void>>();
  let due = performance.now();
  for (let sent = 0; sent < turns; sent += 1) {
    due += (-Math.log(1 - Math.random()) * 1_000) / rate;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    if (over()) break;
    if (open.size >= MOST_OPEN) {
      work.notSent();
      continue;
    }
    const taken = work.take(due);
    open.add(taken);
    void taken.finally(() => open.delete(taken));
  }
  await Promise.all(open);
}
