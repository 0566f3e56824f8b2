import { createHmac, randomBytes } from "node:crypto";

/** Names tenants and users in logs: the same name for the same id, and no way back without the key. */
export type Pseudonym = (id: string) => string;

/**
 * 16 hex digits of an HMAC-SHA256 over the id. `key` is FORERUN_KEY in base64; without one it is made for this process, so names
 * change with each start. "plain" leaves ids as they are, for operators who may see them.
 */
export function createPseudonym(mode: "hash" | "plain", key: string | undefined): Pseudonym {
  if (mode === "plain") return (id) => id;
  const secret = key ? Buffer.from(key, "base64") : randomBytes(32);
  return (id) => createHmac("sha256", secret).update(id).digest("hex").slice(0, 16);
}
