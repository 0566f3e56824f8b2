import { createHmac, type KeyObject, sign } from "node:crypto";

export type Json = Readonly<Record<string, unknown>>;

/** How a part of a token is made: of an object, or of the very text. */
export type Part = Json | string;

export function encode(part: Part | Uint8Array): string {
  const bytes = typeof part === "string" || part instanceof Uint8Array ? part : JSON.stringify(part);
  return Buffer.from(bytes as string).toString("base64url");
}

/** A token with a signature of the key's kind, whatever its header says. */
export function signed(key: KeyObject, header: Part, payload: Part): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${encode(signatureOf(key, Buffer.from(input)))}`;
}

/** A token with an HMAC by SHA-256 over it. */
export function authenticated(secret: string | Uint8Array, header: Part, payload: Part): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

function signatureOf(key: KeyObject, input: Uint8Array): Buffer {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return sign("sha256", input, key);
    case "ec":
      return sign("sha256", input, { key, dsaEncoding: "ieee-p1363" });
    default:
      return sign(null, input, key);
  }
}
