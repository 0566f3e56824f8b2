import { z } from "zod";
import { DURATION_PATTERN, parseDuration } from "./duration.ts";

/** Kinds of settings; every error text begins with "expected" and says what a right value looks like. */

const DURATION_EXPECTED = "expected a duration such as 800ms, 10s or 5m";

/** "10s" in the file, milliseconds in the program. */
export function duration() {
  return z
    .string({ error: DURATION_EXPECTED })
    .regex(DURATION_PATTERN, { error: DURATION_EXPECTED })
    .transform((text) => parseDuration(text) ?? 0);
}

/** A whole number in an environment variable. */
export function wholeNumber(range: { min: number; max: number; what?: string }) {
  const error = `expected ${range.what ?? "a whole number"} from ${range.min} to ${range.max}`;
  return z
    .string({ error })
    .regex(/^\d+$/, { error })
    .transform(Number)
    .refine((value) => value >= range.min && value <= range.max, { error });
}

/** A whole number in the file. */
export function count(range: { min: number; max?: number }) {
  const upTo = range.max === undefined ? "" : ` to ${range.max}`;
  const error = `expected a whole number from ${range.min}${upTo}`;
  const number = z.int({ error }).min(range.min, { error });
  return range.max === undefined ? number : number.max(range.max, { error });
}

/** A TCP port in an environment variable; 0 takes any free one. */
export function port() {
  return wholeNumber({ min: 0, max: 65_535, what: "a port" });
}

/** A model's base address, as it usually looks. */
export const MODEL_EXAMPLE = "http://localhost:11434/v1";

/** An http or https address without a trailing slash. */
export function httpUrl(example: string) {
  const error = `expected an address such as ${example}`;
  return z
    .string({ error })
    .refine(isHttpUrl, { error })
    .transform((text) => text.replace(/\/+$/, ""));
}

/** Where a secret is kept, never the secret itself. */
export function secretReference() {
  const error = "expected where the secret is kept: env:NAME or file:PATH";
  return z.string({ error }).regex(/^(env:[A-Za-z_]\w*|file:.+)$/, { error });
}

/** Where a service of the mesh is found. */
export function meshAddress() {
  const error = "expected dns:///host:port, ipv4:address:port or file:///list";
  return z.string({ error }).regex(/^(dns:\/\/\/|ipv4:|file:\/\/\/)./, { error });
}

/** Parts of a probability or share. */
export function share() {
  const error = "expected a number from 0 to 1";
  return z.number({ error }).min(0, { error }).max(1, { error });
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
