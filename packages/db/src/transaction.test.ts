import type pg from "pg";
import { describe, expect, it } from "vitest";
import { type Session, transact, transactOne } from "./transaction.ts";

const READ = { name: "read", text: "select 1" };

/** A session that keeps what it is told, and answers everything with nothing. */
function recording() {
  const told: string[] = [];
  const query = async (asked: string | { text: string }) => {
    const text = typeof asked === "string" ? asked : asked.text;
    told.push(text);
    return { rows: [], command: text.toUpperCase() } as unknown as pg.QueryResult;
  };
  return { told, session: { query } as unknown as Session };
}

describe("a transaction", () => {
  it.each([
    ["acme", "'acme'"],
    ["", "''"],
    ["x' or '1'='1", "'x'' or ''1''=''1'"],
  ])("takes on its role and the tenant %j before anything else", async (tenant, quoted) => {
    const scope = { role: "notes_rw", tenant, timeoutMs: undefined };
    const opening = `begin; set local role "notes_rw"; select set_config('app.tenant', ${quoted}, true)`;
    const one = recording();
    await transactOne(one.session, scope, READ);
    const several = recording();
    await transact(several.session, scope, (query) => query(READ));
    for (const { told } of [one, several]) expect(told).toEqual([opening, "select 1", "commit"]);
  });

  it("of a service itself has a role and no tenant", async () => {
    const { told, session } = recording();
    await transactOne(session, { role: "notes_log", tenant: undefined, timeoutMs: undefined }, READ);
    expect(told[0]).toBe('begin; set local role "notes_log"');
  });
});
