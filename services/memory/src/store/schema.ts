import type { OpenOptions } from "@forerun/db/open";
import { MIGRATIONS, ROLE, SCHEMA } from "./migrations.ts";

/** How the memory service opens its store. */
export const MEMORY_SCHEMA: Omit<OpenOptions, "log"> = { schema: SCHEMA, role: ROLE, migrations: MIGRATIONS };
