import { createHash } from "node:crypto";
import { type Caller, TENANT_PATTERN } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import type { Period } from "./period.ts";

export type Unit = "tokens" | "cost_micros";

/** Whose use is counted: the whole tenant's, one user's, or the tenant's of one model. */
export type Scope =
  | Readonly<{ kind: "tenant" }>
  | Readonly<{ kind: "user"; subject: string }>
  | Readonly<{ kind: "model"; model: string }>;

/** A bound on what is used in a period. */
export type Limit = Readonly<{
  tokens?: number | undefined;
  /** Millionths of a US dollar. */
  costMicros?: number | undefined;
  period: Period;
}>;

/**
 * One number that is held to a limit. There is no way to make one without a Caller, whose tenant is a part of its place, so no
 * tenant can use up another's.
 */
export class Meter {
  readonly tenant: string;
  readonly scope: Scope;
  readonly unit: Unit;
  readonly limit: number;
  readonly period: Period;
  /** Tells the meters of one tenant apart. A hash: no name of a user or a model stands in a key. */
  readonly id: string;

  private constructor(tenant: string, scope: Scope, unit: Unit, { limit, period }: Bound) {
    this.tenant = tenant;
    this.scope = scope;
    this.unit = unit;
    this.limit = limit;
    this.period = period;
    this.id = hash(JSON.stringify([scope, unit, period]));
  }

  /** One a unit that is limited. Throws TypeError for a caller without a tenant. */
  static of({ tenant }: Caller, scope: Scope, { tokens, costMicros, period }: Limit): Meter[] {
    if (!guard("quota.meter.tenant", TENANT_PATTERN.test(tenant)))
      throw new TypeError("a quota needs the caller's tenant");
    return [
      ...(tokens === undefined ? [] : [new Meter(tenant, scope, "tokens", { limit: tokens, period })]),
      ...(costMicros === undefined
        ? []
        : [new Meter(tenant, scope, "cost_micros", { limit: costMicros, period })]),
    ];
  }
}

type Bound = { limit: number; period: Period };

/** Stands for a name in keys. */
export function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
