import { setTimeout as delay } from "node:timers/promises";
import { type ConnectionOptions, connect, type NatsConnection } from "nats";
import type { BrokerAddress } from "./broker-address.ts";
import { greeting } from "./greeting.ts";

/** Longest wait for a broker's greeting. */
const CONNECT_MS = 1_000;
/** A broker that is gone is tried again after this long and up to twice as long, so that not all come back at one moment. */
const RETRY_MS = 250;
/** A connection that has left two pings in a row unanswered is given up. */
const PING_MS = 2_000;

type BrokerOptions = ConnectionOptions & BrokerAddress;

export type Connecting = Readonly<{
  broker: BrokerAddress;
  /** How this process is called at the broker. */
  name: string;
  /** Ends it all. */
  signal: AbortSignal;
  /** Has the connection until it is lost. Says in words why it was. */
  use(connection: NatsConnection): Promise<string>;
  /** Told after each connection that was lost or could not be made, before the next try. */
  failed(why: string): void;
}>;

/**
 * Connects, and again after each loss, until the signal aborts. The client library's own way of doing so would drop what was
 * published meanwhile without a word, and would not say why a connection ended.
 */
export async function stayConnected({ broker, name, signal, use, failed }: Connecting): Promise<void> {
  const options = optionsOf(broker, name);
  while (!signal.aborted) {
    const connection = await open(options, signal).catch((fault: unknown) => failed(wordsOf(fault)));
    if (connection) failed(await use(connection));
    await delay(RETRY_MS * (1 + Math.random()), undefined, { signal }).catch(() => {});
  }
}

/** The first server that speaks. */
async function open(options: BrokerOptions, signal: AbortSignal): Promise<NatsConnection> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
  const speaking = options.servers.map((server) => greeting(server, inTime).then(() => server));
  const server = await Promise.any(speaking).catch(({ errors }: AggregateError) => {
    throw errors[0];
  });
  return connect({ ...options, servers: server });
}

function optionsOf(broker: BrokerAddress, name: string): BrokerOptions {
  return {
    ...broker,
    name,
    reconnect: false,
    ignoreClusterUpdates: true,
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    noAsyncTraces: true,
  };
}

export function wordsOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : "the broker closed it";
}
