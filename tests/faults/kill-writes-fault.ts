import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import {
  KILL_POINTS,
  killAndRepeat,
} from "../../services/tool-executor/src/invocations/fixtures/kill-run.ts";
import { openInvocations } from "../../services/tool-executor/src/invocations/open-invocations.ts";
import type { Fault } from "./fault.ts";

/** Calls of one executor: what runs at once, what waits for a place, and what has not been made. */
const CALLS = 70;

/** Kills a tool executor in the middle of calls that change something, has them made again, and counts what happened twice. */
export const killWritesFault: Fault = {
  title: "kill -9 of a tool executor whose calls change something, in each of them",
  async run(times, say) {
    await using resources = new DisposalStack();
    const folder = await mkdtemp(join(tmpdir(), "forerun-faults-"));
    resources.defer(() => rm(folder, { recursive: true, force: true }));
    const { url: databaseUrl } = resources.use(await startPostgres());
    const record = resources.use(await openInvocations({ databaseUrl, dataDir: "" }, silentLogger));
    const violations: string[] = [];
    const rows: Record<string, string | number>[] = [];
    for (const point of [...KILL_POINTS, "anywhere"] as const) {
      const calls = point === "anywhere" ? CALLS : 1;
      const row = { point, kills: times, calls: times * calls, ended: 0, unknown: 0, run: 0 };
      for (let seed = 1; seed <= times; seed += 1) {
        const prefix = `${point}-${seed}`;
        // Another number of effects each time: now few calls are under way, now many have ended.
        const end = point === "anywhere" ? 1 + ((seed * 13) % CALLS) : point;
        const run = { databaseUrl, file: join(folder, prefix), prefix, calls, seed, end };
        const { ended, unknown, run: ran, faults } = await killAndRepeat(run, record);
        violations.push(...faults);
        row.ended += ended;
        row.unknown += unknown;
        row.run += ran;
      }
      rows.push(row);
      say(`${point}: ${violations.length} violations so far`);
    }
    return { rows, violations };
  },
};
