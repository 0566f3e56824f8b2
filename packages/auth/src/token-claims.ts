import { type Caller, QUEUE_PATTERN, TENANT_PATTERN, TOKEN_ROLES } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { z } from "zod";

/** How far clocks may be apart, in seconds. */
export const CLOCK_SKEW_S = 60;

/** Seconds since 1970; RFC 7519 allows fractions. */
const numericDate = z.number().nonnegative();
/** Text that can be stored and logged: no control characters, no halves of characters. */
const subject = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,255}$/u);

const claimsSchema = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string()).max(64)]),
  sub: subject,
  exp: numericDate,
  iat: numericDate,
  nbf: numericDate.optional(),
  tenant: z.string().regex(TENANT_PATTERN),
  roles: z.array(z.enum(TOKEN_ROLES)).max(TOKEN_ROLES.length).default(["user"]),
  queue: z.string().regex(QUEUE_PATTERN).optional(),
});

export type Expected = Readonly<{ issuer: string; audience: string }>;

/** The caller that claims name, and until when, in milliseconds since 1970; undefined when any claim is missing, odd or of another time. */
export function readClaims(
  claims: object,
  { issuer, audience }: Expected,
  nowMs: number,
): Readonly<{ caller: Caller; until: number }> | undefined {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) return undefined;
  const { iss, aud, exp, iat, nbf = 0, sub, tenant, roles, queue } = parsed.data;
  if (!guard("auth.issuer", iss === issuer)) return undefined;
  if (!guard("auth.audience", [aud].flat().includes(audience))) return undefined;
  const now = nowMs / 1000;
  const latest = now + CLOCK_SKEW_S;
  if (!guard("auth.time", now < exp + CLOCK_SKEW_S && iat <= latest && nbf <= latest)) return undefined;
  const caller: Caller = { tenant, subject: sub, roles, ...(queue !== undefined && { queue }) };
  return { caller, until: (exp + CLOCK_SKEW_S) * 1000 };
}
