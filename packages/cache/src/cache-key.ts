import { createHash } from "node:crypto";
import { type Caller, TENANT_PATTERN } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { canonicalJson } from "@forerun/toolkit/canonical-json";
import type { JsonValue } from "@forerun/toolkit/json";
import type { ZodType } from "zod";

/** One sort of things that are kept. */
export type CacheKind<T> = Readonly<{
  /** Its label in metrics, and a part of every key of it. */
  name: string;
  /** What is kept has to fit it when it comes back; it may come from a store that others write to. */
  shape: ZodType<T>;
}>;

/** What a key is made of, by name. Whatever the kept thing depends on has to be here. */
export type KeyFields = Readonly<{ [field: string]: JsonValue }>;

declare const tenants: unique symbol;

/** What a store calls the place of a kept thing. Nothing but a CacheKey has one. */
export type KeyText = string & { readonly [tenants]: true };

/**
 * The place of one kept thing. There is no way to make one without a Caller, whose tenant is a part of it, so no tenant can
 * ask for another's. The text is a hash: nothing that was said or found out stands in a key.
 */
export class CacheKey<T> {
  readonly kind: CacheKind<T>;
  readonly #text: KeyText;

  private constructor(kind: CacheKind<T>, text: KeyText) {
    this.kind = kind;
    this.#text = text;
  }

  /** Equal for equal fields, in whatever order. Throws TypeError for a caller without a tenant. */
  static of<T>(caller: Caller, kind: CacheKind<T>, fields: KeyFields): CacheKey<T> {
    if (!guard("cache.key.caller", TENANT_PATTERN.test(caller.tenant)))
      throw new TypeError("a cache key needs the caller's tenant");
    const content = canonicalJson([guard("cache.key.tenant", caller.tenant, ""), kind.name, fields]);
    const hash = createHash("sha256").update(content).digest("base64url");
    return new CacheKey(kind, `${kind.name}:${hash}` as KeyText);
  }

  /** What a store calls it. */
  get text(): KeyText {
    return this.#text;
  }
}
