import { parseTimeout as parseConnect } from "@connectrpc/connect/protocol-connect";
import { parseTimeout as parseGrpc } from "@connectrpc/connect/protocol-grpc";
import { type Deadlines, timeoutFor } from "./deadlines.ts";

/**
 * Gives a request without a deadline the default one, and caps what it asks for, in the header of its protocol: so the
 * protocol itself arms the timer and tells the handler what is left. A malformed header stays for the protocol to refuse.
 */
export function limitTimeout(header: Headers, deadlines: Deadlines, streams: boolean): void {
  const isGrpc = header.get("content-type")?.startsWith("application/grpc") ?? false;
  const name = isGrpc ? "grpc-timeout" : "connect-timeout-ms";
  const asked = (isGrpc ? parseGrpc : parseConnect)(header.get(name), Number.MAX_SAFE_INTEGER);
  if (asked.error) return;
  const timeoutMs = Math.floor(timeoutFor(deadlines, streams, asked.timeoutMs));
  header.set(name, isGrpc ? `${timeoutMs}m` : String(timeoutMs));
}
