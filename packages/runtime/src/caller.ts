/** Who asks: the tenant comes from a verified token, or is the local one on loopback. */
export type Caller = Readonly<{ tenant: string; subject: string; roles: readonly Role[] }>;

/** `service` marks the services themselves; no token from outside may carry it. */
export type Role = "user" | "evaluator" | "operator" | "admin" | "service";

export const TENANT_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The one tenant of a process that serves loopback without auth. */
export const LOCAL_CALLER: Caller = {
  tenant: "local",
  subject: "local",
  roles: ["user", "operator", "admin"],
};

/** A service acting for itself, for example to learn which tools exist. */
export function serviceCaller(service: string): Caller {
  return { tenant: "forerun", subject: `service-${service}`, roles: ["service"] };
}
