/** How this process and what it needs stand, for a person who asks. */

export type PartState = "serving" | "not_serving" | "unreachable";

/** `ms`: how long it took to tell. */
export type PartStatus = { part: string; state: PartState; ms: number };

export type Status = {
  /** Takes turns; false from the moment it is told to stop. */
  ready: boolean;
  /** Turns that it drives. */
  turns: number;
  bus: "nats" | "in-process";
  parts: PartStatus[];
};

/** One part that can be asked: false where it answers that it does not serve, a fault where it does not answer. */
export type Probe = { part: string; serves(signal: AbortSignal): Promise<boolean> };

/** Longest wait for one part, in milliseconds. */
const PATIENCE_MS = 1_000;

/** Asks all parts side by side. Never rejects. */
export function askParts(probes: readonly Probe[]): Promise<PartStatus[]> {
  return Promise.all(probes.map(askPart));
}

async function askPart({ part, serves }: Probe): Promise<PartStatus> {
  const begun = performance.now();
  const told = (state: PartState) => ({ part, state, ms: Math.round(performance.now() - begun) });
  const late = AbortSignal.timeout(PATIENCE_MS);
  try {
    return told((await within(serves(late), late)) ? "serving" : "not_serving");
  } catch {
    return told("unreachable");
  }
}

/** Not every part listens to a signal. */
function within<T>(asked: Promise<T>, late: AbortSignal): Promise<T> {
  const over = new Promise<never>((_resolve, reject) => {
    late.addEventListener("abort", () => reject(late.reason), { once: true });
  });
  return Promise.race([asked, over]);
}
