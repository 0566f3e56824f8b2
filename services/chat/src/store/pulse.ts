/** Wakes all who wait, each time something has changed. */
export class Pulse {
  readonly #waiting = new Set<(outcome: "beat") => void>();
  #beats = 0;

  /** Beats so far: taken before a look, it tells `wait` of what happens during the look. */
  get beats(): number {
    return this.#beats;
  }

  beat(): void {
    this.#beats += 1;
    for (const wake of this.#waiting) wake("beat");
    this.#waiting.clear();
  }

  /** The next beat after `since`; "silence" when none came in `ms`; "aborted" as soon as the signal says so. */
  async wait(ms: number, signal: AbortSignal, since = this.#beats): Promise<"beat" | "silence" | "aborted"> {
    if (signal.aborted) return "aborted";
    if (since !== this.#beats) return "beat";
    const { promise, resolve } = withResolvers<"beat" | "silence" | "aborted">();
    const onAbort = () => resolve("aborted");
    const timer = setTimeout(() => resolve("silence"), ms);
    this.#waiting.add(resolve);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(resolve);
      signal.removeEventListener("abort", onAbort);
    }
  }
}

/** Promise.withResolvers, which Node 20 lacks. */
export function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let settle: ((value: T) => void) | undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle?.(value) };
}
