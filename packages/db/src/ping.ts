import pg from "pg";

/** What a look at a Postgres server shows. `cause` is in the driver's words, without the password. */
export type PingOutcome =
  | { kind: "reached"; version: string; vector: boolean }
  | { kind: "unreachable"; cause: string };

const CONNECT_MS = 5_000;

/** Connects once and asks for the version and for pgvector; changes nothing. */
export async function pingPostgres(url: string): Promise<PingOutcome> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  // Without a listener a connection that breaks while idle would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; vector: boolean }>(
      `select current_setting('server_version') as version,
              exists (select from pg_available_extensions where name = 'vector') as vector`,
    );
    const [row] = rows;
    return { kind: "reached", version: row?.version ?? "", vector: row?.vector ?? false };
  } catch (error) {
    return { kind: "unreachable", cause: error instanceof Error ? error.message : String(error) };
  } finally {
    await client.end().catch(() => {});
  }
}
