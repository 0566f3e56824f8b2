import type { Logger } from "@forerun/runtime/logger";
import { type Applied, migrate } from "./migrate.ts";
import { type OpenOptions, planOf } from "./open.ts";
import { connectPostgres } from "./postgres.ts";

/**
 * Brings the schemas of a Postgres up to date, all of them in one transaction or none, and resolves with what was applied.
 * May run twice at once: one waits for the other and finds nothing left. Throws FR-E1104, FR-E1106, FR-E1107.
 */
export async function migrateSchemas(
  url: string,
  schemas: readonly Omit<OpenOptions, "log">[],
  log: Logger,
): Promise<Applied[]> {
  const client = await connectPostgres(url, log);
  try {
    return await migrate(
      client,
      schemas.map((schema) => planOf({ ...schema, log })),
    );
  } finally {
    await client.end();
  }
}
