import type { OpenOptions } from "@forerun/db/open";
import { CHAT_MIGRATIONS, LOG_ROLE, TENANT_ROLE } from "./migrations.ts";

/** How the chat service opens its store. */
export const CHAT_SCHEMA: Omit<OpenOptions, "log"> = {
  schema: "chat",
  role: TENANT_ROLE,
  systemRoles: [LOG_ROLE],
  migrations: CHAT_MIGRATIONS,
  // One plan a statement for all tenants and turns: an append costs a third less.
  settings: { plan_cache_mode: "force_generic_plan" },
};
