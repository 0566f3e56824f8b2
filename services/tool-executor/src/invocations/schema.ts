import type { OpenOptions } from "@forerun/db/open";
import { LOG_ROLE, TENANT_ROLE, TOOLS_MIGRATIONS } from "./migrations.ts";

/** How the tool executor opens its store. */
export const TOOLS_SCHEMA: Omit<OpenOptions, "log"> = {
  schema: "tools",
  role: TENANT_ROLE,
  systemRoles: [LOG_ROLE],
  migrations: TOOLS_MIGRATIONS,
};
