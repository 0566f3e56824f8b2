import { access } from "node:fs/promises";
import { skipWithout } from "@forerun/testing/skip-without";
import pg from "pg";
import { expect, it } from "vitest";
import { startPostgres } from "./postgres.ts";

skipWithout("initdb")("startPostgres", () => {
  it("answers SQL as a superuser and leaves nothing behind", async () => {
    const server = await startPostgres();
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query(
      "select rolsuper as super, current_setting('data_directory') as folder from pg_roles where rolname = current_user",
    );
    expect(rows[0].super).toBe(true);
    await client.end();
    await server[Symbol.asyncDispose]();
    await expect(access(rows[0].folder)).rejects.toThrow(/ENOENT/);
  });
});
