/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 8_192;

const SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Whether a text can be a signed token (JWS compact, RFC 7515): three parts of base64url, each spelt the one way that an encoder
 * spells it. Linear in the text, and asked before any library sees it: libraries also take padding, blanks and stray bits.
 */
export function hasTokenShape(text: string): boolean {
  if (text.length > MAX_TOKEN_LENGTH || !SHAPE.test(text)) return false;
  return text.split(".").every((part) => Buffer.from(part, "base64url").toString("base64url") === part);
}
