import { pingPostgres } from "@forerun/db/ping";
import { type Finding, fine, wrong } from "./finding.ts";

/** Postgres answers and carries pgvector; without DATABASE_URL there is nothing to check. */
export async function checkPostgres(url: string | undefined): Promise<Finding> {
  if (!url) return fine("postgres", "not used: the store is embedded");
  const outcome = await pingPostgres(url);
  if (outcome.kind === "unreachable") {
    return wrong("postgres", outcome.cause, "start Postgres, or set DATABASE_URL to where it runs");
  }
  if (!outcome.vector) {
    return wrong(
      "postgres",
      `${outcome.version} without pgvector`,
      "install pgvector on the server: https://github.com/pgvector/pgvector",
    );
  }
  return fine("postgres", `${outcome.version} with pgvector`);
}
