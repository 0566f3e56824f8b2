import type { Ajv } from "ajv";
import formats from "ajv-formats";

/** Characters of an address at most; browsers and servers take no more either. */
const LONGEST_URL = 4_096;

/**
 * Teaches ajv the formats of JSON Schema. Texts come from models and users, so each must be linear in the text's length: the
 * pattern for "url" backtracks over all of it for every beginning, seconds for 100,000 characters, and gets short texts only.
 */
export function addFormats(ajv: Ajv): void {
  formats.default(ajv);
  const url = formats.default.get("url");
  if (!(url instanceof RegExp)) throw new Error('ajv-formats knows "url" no longer as a pattern');
  ajv.addFormat("url", (text: string) => text.length <= LONGEST_URL && url.test(text));
}
