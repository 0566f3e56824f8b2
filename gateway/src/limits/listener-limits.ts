import type { LimitValues } from "./limit-values.ts";

/** Bytes of one connection that are held back before its sender must wait. */
export const CONNECTION_BUFFER_BYTES = 65_536;
/** Clients that have connected and not yet been accepted. */
const BACKLOG = 1_024;

/** Fields of a Listener that bound what one connection holds and how many wait. */
export function listenerLimits(): object {
  return {
    per_connection_buffer_limit_bytes: CONNECTION_BUFFER_BYTES,
    tcp_backlog_size: BACKLOG,
    max_connections_to_accept_per_socket_event: 16,
  };
}

/** A network filter, to stand before the HTTP one, that closes what connects above the limit. */
export function connectionLimit(values: LimitValues, statPrefix: string): object {
  return {
    name: "connection-limit",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit",
      stat_prefix: statPrefix,
      max_connections: values.connections,
    },
  };
}
