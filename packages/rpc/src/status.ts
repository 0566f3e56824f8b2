import { Code, ConnectError } from "@connectrpc/connect";
import { findTrailerError, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { canceled, timedOut } from "./call-signal.ts";
import { tooLarge } from "./codec.ts";
import { toHeaders } from "./metadata.ts";

const DETAILS = "grpc-status-details-bin";
/** Milliseconds after which a client's channel may try again, by gRPC's retry design; a negative number forbids it. */
const PUSHBACK = "grpc-retry-pushback-ms";

/** A ConnectError as gRPC status; its details travel as google.rpc.Status. Never throws: its callers are callbacks. */
export function toStatus(error: ConnectError): StatusObject {
  const metadata = new Metadata();
  // Both encoders of the text throw on half a surrogate pair.
  const wellFormed = new ConnectError(error.rawMessage.toWellFormed(), error.code);
  wellFormed.details = error.details;
  const details = setTrailerStatus(new Headers(), wellFormed).get(DETAILS);
  if (details) metadata.set(DETAILS, Buffer.from(details, "base64"));
  // A service that says in words what it lacks has tried already, and the next replica lacks it too.
  if (details && error.code === Code.Unavailable) metadata.set(PUSHBACK, "-1");
  return { code: error.code as number, details: wellFormed.rawMessage, metadata };
}

/** Texts that grpc-js makes itself name peers, ports and timings: nobody outside the process sees them. */
const OWN_TEXTS: Readonly<Partial<Record<Code, string>>> = {
  [Code.Unavailable]: "the service is unavailable",
  [Code.Internal]: "the service failed",
  [Code.Unknown]: "the service failed",
};

/** A gRPC status other than OK as ConnectError, without what only this process should know. */
export function fromStatus(status: StatusObject, maxMessageBytes: number): ConnectError {
  const headers = toHeaders(status.metadata);
  headers.set("grpc-status", String(status.code));
  headers.set("grpc-message", encodeURIComponent(status.details.toWellFormed()));
  const error = findTrailerError(headers) ?? new ConnectError(status.details, Code.Unknown);
  if (status.code === (Code.DeadlineExceeded as number)) return timedOut();
  if (status.code === (Code.Canceled as number)) return canceled();
  if (error.details.length > 0) return error;
  if (error.code === Code.ResourceExhausted && /larger than/.test(status.details))
    return tooLarge(maxMessageBytes);
  return new ConnectError(OWN_TEXTS[error.code] ?? error.rawMessage, error.code, error.metadata);
}
