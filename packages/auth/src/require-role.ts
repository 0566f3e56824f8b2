import type { Caller, TokenRole } from "@forerun/runtime/caller";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { guard } from "@forerun/runtime/guard";

/** @throws ForerunError FR-E1328 unless the caller has one of the roles. */
export function requireRole({ roles }: Caller, allowed: readonly TokenRole[]): void {
  if (
    guard(
      "auth.role",
      allowed.some((role) => roles.includes(role)),
    )
  )
    return;
  throw roleMissing(
    allowed.length > 0 ? `this takes one of the roles ${allowed.join(", ")}` : "only services call this",
  );
}

export function roleMissing(message: string): ForerunError {
  const fix = "Ask the token's issuer for such a role; docs/auth.md lists what each call takes.";
  return new ForerunError("FR-E1328", "permission_denied", message, fix);
}
