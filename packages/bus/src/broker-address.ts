import type { ConnectionOptions } from "nats";

/** Where brokers are and who connects, as the client library takes it. */
export type BrokerAddress = Pick<ConnectionOptions, "user" | "pass" | "token" | "tls"> & {
  /** host:port of each. */
  servers: string[];
};

/**
 * `nats://user:password@host:4222`; several servers of one cluster with commas between them, `tls://` for TLS. A name without a
 * password is a token. The first server's credentials count for all. @throws TypeError for what is no URL.
 */
export function parseBrokerAddress(text: string): BrokerAddress {
  const urls = text.split(",").map((one) => new URL(one.trim()));
  const user = decodeURIComponent(urls[0]?.username ?? "");
  const pass = decodeURIComponent(urls[0]?.password ?? "");
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || DEFAULT_PORT}`),
    ...(user !== "" && (pass === "" ? { token: user } : { user, pass })),
    ...(urls.some(({ protocol }) => protocol === "tls:") && { tls: {} }),
  };
}

const DEFAULT_PORT = 4222;
