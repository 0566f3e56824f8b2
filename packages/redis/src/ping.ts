import { Redis as Client } from "ioredis";

/** What a look at a Redis server shows. */
export type PingOutcome = { kind: "reached"; version: string } | { kind: "unreachable"; cause: string };

const CONNECT_MS = 3_000;

/** Connects once and asks for the version; changes nothing. */
export async function pingRedis(url: string): Promise<PingOutcome> {
  const client = new Client(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: CONNECT_MS,
    retryStrategy: null,
  });
  let cause = "";
  client.on("error", (error) => {
    cause = error.message;
  });
  try {
    await client.connect();
    const [, version = ""] = /redis_version:(\S+)/.exec(await client.info("server")) ?? [];
    return { kind: "reached", version };
  } catch (error) {
    return { kind: "unreachable", cause: cause || (error instanceof Error ? error.message : String(error)) };
  } finally {
    client.disconnect();
  }
}
