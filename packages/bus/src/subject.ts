/** Addresses of messages: tokens between dots, as NATS has them. Only the functions here make one. */
import { guard } from "@forerun/runtime/guard";

declare const addressed: unique symbol;
declare const listening: unique symbol;

/** Where a message goes: tokens without wildcards. */
export type Subject = string & { readonly [addressed]: true };

/** What a subscription listens to: `*` stands for one token, `>` at the end for one or more. */
export type SubjectPattern = (string & { readonly [listening]: true }) | Subject;

const NAME = /^[a-z0-9_-]{1,64}$/;
const TOKEN = /^[A-Za-z0-9_-]+$/;

/** @throws RangeError for no token, or for one that {@link nameToken} would not give. */
export function subject(...tokens: readonly string[]): Subject {
  if (tokens.length === 0) throw new RangeError("a subject has at least one token");
  checkTokens(tokens);
  return tokens.join(".") as Subject;
}

/** As {@link subject}, with wildcards. @throws RangeError also for a `>` that is not last. */
export function subjectPattern(...tokens: readonly string[]): SubjectPattern {
  const last = tokens.at(-1) === ">" ? tokens.length - 1 : tokens.length;
  checkTokens(tokens.slice(0, last), "*");
  return tokens.join(".") as SubjectPattern;
}

/** A name as a token: itself where NATS can carry it and its case is no question, else base32 (RFC 4648, no padding). */
export function nameToken(name: string): string {
  return NAME.test(name) ? name : base32(new TextEncoder().encode(name));
}

/** Tells for subjects whether a pattern covers them. */
export function matcherOf(pattern: SubjectPattern): (subject: Subject) => boolean {
  const wanted = pattern.split(".");
  if (!wanted.includes("*") && wanted.at(-1) !== ">") return (subject) => subject === pattern;
  const open = wanted.at(-1) === ">";
  const fixed = open ? wanted.slice(0, -1) : wanted;
  return (subject) => {
    const tokens = subject.split(".");
    if (open ? tokens.length <= fixed.length : tokens.length !== fixed.length) return false;
    return fixed.every((token, at) => token === "*" || token === tokens[at]);
  };
}

function checkTokens(tokens: readonly string[], wildcard?: string): void {
  const bad = tokens.find((token) => token !== wildcard && !TOKEN.test(token));
  if (!guard("bus.subject.tokens", bad === undefined))
    throw new RangeError(`${JSON.stringify(bad?.slice(0, 80))} is no token of a subject`);
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
}
