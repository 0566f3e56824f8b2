import { CHAT_SCHEMA } from "@forerun/chat/store/schema";
import { migrateSchemas } from "@forerun/db/migrate-schemas";
import { MEMORY_SCHEMA } from "@forerun/memory/store/schema";
import { readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { createLogger } from "@forerun/runtime/logger";
import { TOOLS_SCHEMA } from "@forerun/tool-executor/invocations/schema";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

const MIGRATE_ENVIRONMENT = ENVIRONMENT.pick({ DATABASE_URL: true, LOG_LEVEL: true });

/** Every schema that some service keeps. */
const SCHEMAS = [CHAT_SCHEMA, TOOLS_SCHEMA, MEMORY_SCHEMA];

/** Brings the schemas of all services up to date, in one transaction. Throws ForerunError where that cannot be done. */
export async function migrate(
  { output }: { output: OutputFormat },
  { env, terminal }: CommandContext,
): Promise<ExitCode> {
  const { DATABASE_URL: url, LOG_LEVEL: level } = readEnv(MIGRATE_ENVIRONMENT, env);
  if (url === undefined) throw noStore();
  const applied = await migrateSchemas(url, SCHEMAS, createLogger({ service: "forerun", level }));
  if (output === "json") terminal.result(JSON.stringify({ applied }));
  else if (applied.length === 0) terminal.result("nothing to apply: every schema is up to date");
  else for (const { schema, id } of applied) terminal.result(`${schema.padEnd(8)}${id}`);
  return EXIT.ok;
}

function noStore(): ForerunError {
  return new ForerunError(
    "FR-E1801",
    "invalid_argument",
    "DATABASE_URL is not set; the embedded store in DATA_DIR is brought up to date whenever it is opened",
    "Name the Postgres, with a login that may create roles and schemas: DATABASE_URL=postgres://owner@… npx forerun migrate",
  );
}
