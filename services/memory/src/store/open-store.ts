import type { Database } from "@forerun/db/database";
import { lazyDatabase } from "@forerun/db/lazy";
import { openDatabase } from "@forerun/db/open";
import type { Logger } from "@forerun/runtime/logger";
import { MIGRATIONS, ROLE, SCHEMA } from "./migrations.ts";

/**
 * The memory schema on Postgres, ready for use; or in a folder of its own of the data folder, so that searching never holds
 * up a turn's log, and opened at the first use, so that a chat without documents does not pay for it.
 */
export async function openMemoryStore(
  place: { databaseUrl: string | undefined; dataDir: string },
  log: Logger,
): Promise<Database> {
  const plan = { schema: SCHEMA, role: ROLE, migrations: MIGRATIONS, log };
  if (place.databaseUrl !== undefined) return openDatabase({ url: place.databaseUrl }, plan);
  return lazyDatabase(() => openDatabase({ dataDir: place.dataDir, folder: "memory" }, plan));
}
