/** What a duration looks like: a number and a unit, for example 800ms, 10s, 1.5m, 24h or 7d. */
export const DURATION_PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

type Unit = keyof typeof UNIT_MS;

/** Milliseconds of "10s"; undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text.trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as Unit]);
}

/** The shortest text that `parseDuration` reads back as the same number of milliseconds. */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    if (ms !== 0 && ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  }
  return `${ms}ms`;
}

/** The duration that was probably meant: letters typed for digits, a space, a spelt-out or upper-case unit, a bare number of seconds. */
export function suggestDuration(text: string): string | undefined {
  const compact = text.replace(/[\s_,]/g, "").toLowerCase();
  const match = /^([\doli]+(?:\.[\doli]+)?)([a-z]*)$/.exec(compact);
  if (!match?.[1]) return undefined;
  const digits = match[1].replace(/o/g, "0").replace(/[li]/g, "1");
  const unit = unitOf(match[2] ?? "");
  const suggestion = unit && `${digits}${unit}`;
  return suggestion && parseDuration(suggestion) !== undefined ? suggestion : undefined;
}

function unitOf(word: string): Unit | undefined {
  if (/^(ms|msecs?|millis|milliseconds?)$/.test(word)) return "ms";
  if (/^(|s|secs?|seconds?)$/.test(word)) return "s";
  if (/^(m|mins?|minutes?)$/.test(word)) return "m";
  if (/^(h|hrs?|hours?)$/.test(word)) return "h";
  if (/^(d|days?)$/.test(word)) return "d";
  return undefined;
}
