import { compactVerify } from "jose";
import { z } from "zod";
import { ALGORITHMS } from "./algorithms.ts";
import type { KeySet } from "./key-set.ts";
import { readObject } from "./read-object.ts";

/**
 * Of a header only this is read. Where it points elsewhere for a key (jku, x5u) or brings one (jwk, x5c), that is passed over;
 * extensions that must be understood (crit) are understood by nobody here.
 */
const headerSchema = z.object({
  alg: z.enum(ALGORITHMS),
  kid: z.string().max(256).optional(),
  crit: z.never().optional(),
});

export type TokenHeader = z.output<typeof headerSchema>;

/** The header of a token; undefined for one by which nothing can be proved here. */
export function readHeader(token: string): TokenHeader | undefined {
  const [head = ""] = token.split(".", 1);
  return headerSchema.safeParse(readObject(head)).data;
}

/** The keys that may have signed: those of the header's algorithm, and of its kid where it names one. */
export function fittingKeys(keys: KeySet, { alg, kid }: TokenHeader): KeySet {
  return keys.filter((key) => key.algorithm === alg && (kid === undefined || key.kid === kid));
}

export async function signedByOneOf(keys: KeySet, token: string): Promise<boolean> {
  for (const { key, algorithm } of keys) {
    const signed = await compactVerify(token, key, { algorithms: [algorithm] }).then(
      () => true,
      () => false,
    );
    if (signed) return true;
  }
  return false;
}
