import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "@forerun/db/database";
import { lazyDatabase } from "@forerun/db/lazy";
import { openDatabase } from "@forerun/db/open";
import { locationIn, type StorePlace } from "@forerun/db/store-place";
import type { Logger } from "@forerun/runtime/logger";
import { MEMORY_SCHEMA } from "./schema.ts";

const FOLDER = "memory";

/**
 * The memory schema on Postgres, ready for use; or in a folder of its own of the data folder, so that searching never holds
 * up a turn's log. The folder is made with the first document; one that is there is opened in the background. A chat without
 * documents pays nothing for it.
 */
export async function openMemoryStore(place: StorePlace, log: Logger): Promise<Database> {
  const plan = { ...MEMORY_SCHEMA, log };
  const location = locationIn(place, FOLDER);
  if (place.databaseUrl !== undefined) return openDatabase(location, plan);
  const db = lazyDatabase(() => openDatabase(location, plan));
  const path = join(place.dataDir, FOLDER);
  if (existsSync(path)) db.warm();
  return blankUntilWritten(db, path);
}

/** Single statements only read or remove here; all writing is done in transactions. So without a folder they find no rows. */
function blankUntilWritten(db: Database, folder: string): Database {
  return { ...db, query: async (...args) => (existsSync(folder) ? db.query(...args) : []) };
}
