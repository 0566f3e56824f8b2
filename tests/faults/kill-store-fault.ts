import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KILL_POINTS, killAndCheck } from "../../services/chat/src/store/fixtures/kill-run.ts";
import type { Fault } from "./fault.ts";

/** Kills a process that writes one turn, without the services around it, and looks at what its store holds afterwards. */
export const killStoreFault: Fault = {
  title: "kill -9 of a process that writes a turn, at every point of the store",
  async run(times, say) {
    const dataDir = await mkdtemp(join(tmpdir(), "forerun-faults-"));
    const violations: string[] = [];
    const rows: Record<string, string | number>[] = [];
    try {
      for (const point of KILL_POINTS) {
        const row: Record<string, string | number> = { point, runs: times };
        for (let run = 0; run < times; run++) {
          const { faults, last } = await killAndCheck(dataDir, point);
          violations.push(...faults.map((fault) => `${point}: ${fault}`));
          row[last.state] = Number(row[last.state] ?? 0) + 1;
        }
        rows.push(row);
        say(`${point}: ${violations.length} violations so far`);
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
    return { rows, violations };
  },
};
