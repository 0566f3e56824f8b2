/** Postgres away, slow, or without a free connection: nobody is told that a turn was accepted that was not. */
import { startPostgres } from "@forerun/components/postgres";
import { startToxiproxy } from "@forerun/components/toxiproxy";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import pg from "pg";
import { expect } from "vitest";
import { startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

/** Longest wait for the first turn after Postgres is back, in milliseconds. */
const RECOVERY_MS = 5_000;

type Answer = { status: number; body: { code?: string; state?: string; details?: { reason?: string }[] } };

skipWithout("toxiproxy")("Postgres that cannot serve", () => {
  scenario("store.away", async () => {
    await using resources = new DisposalStack();
    const postgres = resources.use(await startPostgres());
    const proxy = await resources.use(await startToxiproxy()).proxy(postgres.port);
    const owner = new pg.Client({ connectionString: postgres.url });
    await owner.connect();
    resources.defer(() => owner.end());
    const url = postgres.url.replace(String(postgres.port), String(proxy.port));
    const bounds = { DATABASE_POOL: "2", DATABASE_TIMEOUT: "1s" };
    const forerun = resources.use(await startForerun({ DATABASE_URL: url, ...bounds }));
    const ask = async (): Promise<Answer> => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ text: "17% of 2400" });
      const response = await fetch(`${forerun.ready.http}/chat`, { method: "POST", headers, body });
      return { status: response.status, body: (await response.json()) as Answer["body"] };
    };
    const stored = async () => Number((await owner.query("select count(*) as n from chat.turns")).rows[0].n);
    const refusals = async (times: number) => {
      const answers = await Promise.all(Array.from({ length: times }, ask));
      for (const { status, body } of answers) expect([status, body.code]).toEqual([503, "unavailable"]);
      return new Set(answers.map(({ body }) => body.details?.[0]?.reason));
    };

    expect(await ask()).toMatchObject({ status: 200, body: { state: "TURN_STATE_COMPLETED" } });

    await proxy.cut();
    expect(await refusals(20)).toEqual(new Set(["FR-E1104"]));
    await proxy.restore();
    const back = performance.now();
    while ((await ask()).status !== 200) expect(performance.now() - back).toBeLessThan(RECOVERY_MS);

    // A statement that waits for a lock, longer than it may.
    await owner.query("begin; lock table chat.conversations in access exclusive mode");
    expect(await refusals(2)).toEqual(new Set(["FR-E1109"]));
    await owner.query("rollback");

    const before = await stored();
    await proxy.slow(600);
    expect((await ask()).status).toBe(200);
    await proxy.restore();
    expect(await stored()).toBe(before + 1);
    const unfinished = await owner.query("select 1 from chat.turns where state in ('queued', 'running')");
    expect(unfinished.rowCount).toBe(0);
  });
});
