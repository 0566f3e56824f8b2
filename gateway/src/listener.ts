import { connectionManager } from "./connection-manager.ts";
import { connectionLimit, listenerLimits } from "./limits/listener-limits.ts";
import { downstreamTls } from "./tls.ts";
import type { Values } from "./values.ts";

/** The one public door. It takes HTTP/1.1 and HTTP/2, agreed on by ALPN under TLS and told by the first bytes without. */
export function listener(values: Values): object {
  const { host, port } = values.listen;
  return {
    name: "public",
    address: { socket_address: { address: host, port_value: port } },
    ...listenerLimits(),
    filter_chains: [
      {
        ...downstreamTls(values),
        filters: [connectionLimit(values.limits, "public"), connectionManager(values)],
      },
    ],
  };
}
