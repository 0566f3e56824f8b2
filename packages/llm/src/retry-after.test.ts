import { expect, it } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

it.each([
  [{ "retry-after": "60" }, 60_000],
  [{ "retry-after": "0.25" }, 250],
  [{ "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" }, 5_000],
  [{ "retry-after": "Wed, 31 Dec 2025 23:59:00 GMT" }, 0],
  [{ "retry-after-ms": "120", "retry-after": "9" }, 120],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "999999999" }, 86_400_000],
  [{}, undefined],
])("%j asks to wait %s ms", (headers, wait) => {
  expect(retryAfterMs(new Headers(headers), NOW)).toBe(wait);
});
