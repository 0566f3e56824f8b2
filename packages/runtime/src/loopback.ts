import { ForerunError } from "./forerun-error.ts";
import { guard } from "./guard.ts";

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** Refuses to serve others without knowing who they are. Throws FR-E1002. */
export function requireLoopbackWithoutAuth(host: string, auth: string): void {
  if (guard("runtime.loopback", auth !== "off" || isLoopback(host))) return;
  throw new ForerunError(
    "FR-E1002",
    "failed_precondition",
    `HOST=${host} can be reached from other machines, and nothing here checks who calls`,
    "set AUTH=jwt with JWT_ISSUER and JWKS, or HOST=127.0.0.1",
  );
}
