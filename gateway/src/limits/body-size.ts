import type { LimitValues } from "./limit-values.ts";

const NAME = "body-size";
const TYPE = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3";
/** A flag and a length before each message of gRPC, gRPC-Web and Connect's streams. */
const ENVELOPE_BYTES = 5;

/**
 * Takes a request in whole before it goes on, so that a slow sender holds no place in a service and one too long is refused
 * with 413 before any of it arrives there. Requests here are one message; answers stream, and are not held.
 */
export function bodySize({ body_bytes }: LimitValues): object {
  return { name: NAME, typed_config: { "@type": `${TYPE}.Buffer`, max_request_bytes: body_bytes } };
}

/** A route's `typed_per_filter_config` where a message travels in an envelope: its own bytes are not the message's. */
export function envelopedBodySize({ body_bytes }: LimitValues): object {
  const buffer = { max_request_bytes: body_bytes + ENVELOPE_BYTES };
  return { [NAME]: { "@type": `${TYPE}.BufferPerRoute`, buffer } };
}
