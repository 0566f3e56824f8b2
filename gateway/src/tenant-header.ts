/** Carries the tenant of the verified token behind the gateway; what a client sends under this name is removed. */
export const TENANT_HEADER = "x-forerun-tenant";

/** The same for the class of its queue. */
export const QUEUE_HEADER = "x-forerun-queue";
