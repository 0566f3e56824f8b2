import { createHash } from "node:crypto";

/** A Lua script, which Redis runs as one step; `sha` is what Redis knows it by once it has seen it. */
export type Script = Readonly<{ text: string; sha: string }>;

export function script(text: string): Script {
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}
