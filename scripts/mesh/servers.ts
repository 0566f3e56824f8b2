import { join } from "node:path";
import { type BinaryName, installLine, locateBinary } from "@forerun/components/binaries";
import { startNats } from "@forerun/components/nats";
import { startPostgres } from "@forerun/components/postgres";
import { startRedis } from "@forerun/components/redis";
import type { DisposalStack } from "@forerun/runtime/disposal";

/** The servers that a mesh stands on. */
export type MeshServers = { databaseUrl: string; natsUrl: string | undefined; redisUrl: string | undefined };

/**
 * What DATABASE_URL, NATS_URL and REDIS_URL name, else servers of its own. Postgres, with its data under DATA_DIR, there must be;
 * without NATS or Redis a mesh runs too, and `say` is told what it lacks and how to get it.
 */
export async function startServers(
  env: NodeJS.ProcessEnv,
  stack: DisposalStack,
  say: (line: string) => void,
): Promise<MeshServers> {
  const [databaseUrl, natsUrl, redisUrl] = await Promise.all([
    databaseOf(env, stack),
    env.NATS_URL ??
      ownServer("nats-server", startNats, "tools are called over gRPC alone", { env, stack, say }),
    env.REDIS_URL ??
      ownServer("redis-server", startRedis, "each process keeps results for itself", { env, stack, say }),
  ]);
  return { databaseUrl, natsUrl, redisUrl };
}

async function databaseOf(env: NodeJS.ProcessEnv, stack: DisposalStack): Promise<string> {
  if (env.DATABASE_URL) return env.DATABASE_URL;
  if (!locateBinary("postgres", env) || !locateBinary("initdb", env)) {
    throw new Error(
      `the mesh needs Postgres: set DATABASE_URL, or run "${installLine("postgres")}", or set FORERUN_BIN to the folder with its binaries`,
    );
  }
  const folder = join(env.DATA_DIR ?? "./data", "postgres");
  return stack.use(await startPostgres({ folder })).url;
}

type Ground = { env: NodeJS.ProcessEnv; stack: DisposalStack; say(line: string): void };

async function ownServer(
  binary: BinaryName,
  start: () => Promise<{ url: string } & AsyncDisposable>,
  without: string,
  { env, stack, say }: Ground,
): Promise<string | undefined> {
  if (locateBinary(binary, env)) return stack.use(await start()).url;
  say(`no ${binary}: ${without}. To have it: ${installLine(binary)}`);
  return undefined;
}
