/** Who asks: the tenant comes from a verified token, or is the local one on loopback. */
export type Caller = Readonly<{
  tenant: string;
  subject: string;
  roles: readonly Role[];
  /** Queue class of a tenant whose tools have executors of their own: the lane of its calls on the bus. */
  queue?: string;
}>;

/** What a token may say of its bearer. */
export const TOKEN_ROLES = ["user", "evaluator", "operator", "admin"] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** `service` marks the services themselves; no token from outside may carry it. */
export type Role = TokenRole | "service";

export const TENANT_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A token of a bus subject. */
export const QUEUE_PATTERN = /^[a-z0-9_-]{1,64}$/;

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
