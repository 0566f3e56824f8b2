import { join } from "node:path";
import { installLine, locateBinary } from "@forerun/components/binaries";
import { startPostgres } from "@forerun/components/postgres";
import type { DisposalStack } from "@forerun/runtime/disposal";

/** The database of a mesh: DATABASE_URL, or a Postgres of its own with its data under DATA_DIR. */
export async function meshStore(env: NodeJS.ProcessEnv, stack: DisposalStack): Promise<string> {
  if (env.DATABASE_URL) return env.DATABASE_URL;
  if (!locateBinary("postgres", env) || !locateBinary("initdb", env)) {
    throw new Error(
      `the mesh needs Postgres: set DATABASE_URL, or run "${installLine("postgres")}", or set FORERUN_BIN to the folder with its binaries`,
    );
  }
  const folder = join(env.DATA_DIR ?? "./data", "postgres");
  return stack.use(await startPostgres({ folder })).url;
}
