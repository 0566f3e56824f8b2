import { setTimeout as wait } from "node:timers/promises";

/** Waits for a state of another process that announces itself by nothing; fails by name when it does not come. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 10_000,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await wait(10);
  }
}
