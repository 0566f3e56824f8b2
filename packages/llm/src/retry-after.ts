const ONE_DAY_MS = 86_400_000;

/** Milliseconds an endpoint asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const wait = inMilliseconds(headers, now);
  return wait !== undefined && Number.isFinite(wait)
    ? Math.min(Math.max(0, Math.ceil(wait)), ONE_DAY_MS)
    : undefined;
}

function inMilliseconds(headers: Headers, now: number): number | undefined {
  const milliseconds = headers.get("retry-after-ms");
  if (milliseconds !== null) return Number(milliseconds);
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  return /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
}
