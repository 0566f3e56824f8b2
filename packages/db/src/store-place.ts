import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { z } from "zod";
import type { EmbeddedPlace, EmbeddedStore } from "./embedded.ts";
import type { StoreLocation } from "./open.ts";
import type { PostgresPlace } from "./postgres.ts";

/** What every process with a store reads. */
export const STORE_ENVIRONMENT = ENVIRONMENT.pick({
  DATA_DIR: true,
  DATABASE_URL: true,
  DATABASE_POOL: true,
  DATABASE_TIMEOUT: true,
  DATABASE_MIGRATE: true,
});

/** Where a process keeps its schemas: on Postgres where there is a URL, else in folders of the data folder. */
export type StorePlace = Readonly<{
  databaseUrl: string | undefined;
  dataDir: string;
  pool?: Readonly<Omit<PostgresPlace, "url">>;
  /** The folder of turns and tool calls, where this process has it open for both. */
  embedded?: EmbeddedStore | undefined;
}>;

export function storePlace(env: z.output<typeof STORE_ENVIRONMENT>): StorePlace {
  return {
    databaseUrl: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    pool: {
      connections: env.DATABASE_POOL,
      statementMs: env.DATABASE_TIMEOUT,
      migrate: env.DATABASE_MIGRATE === "on",
    },
  };
}

export function locationIn(place: StorePlace, folder: EmbeddedPlace["folder"]): StoreLocation {
  const { databaseUrl, dataDir, pool, embedded } = place;
  if (databaseUrl !== undefined) return { url: databaseUrl, ...pool };
  return folder === "chat" && embedded ? embedded : { dataDir, folder };
}
