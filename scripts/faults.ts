/**
 * Fault runs that are too long for the tests. `node --import tsx scripts/faults.ts kill9-store [repetitions]` kills a process
 * that writes a turn at five points, that often each, on one data folder, and prints a JSON line a point.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KILL_POINTS, killAndCheck } from "../services/chat/src/store/fixtures/kill-run.ts";

const [run, repetitions = "20"] = process.argv.slice(2);
if (run !== "kill9-store") {
  console.error("usage: faults.ts kill9-store [repetitions]");
  process.exit(2);
}
const dataDir = mkdtempSync(join(tmpdir(), "forerun-faults-"));
let total = 0;
for (const point of KILL_POINTS) {
  const states: Record<string, number> = {};
  const faults: string[] = [];
  for (let repetition = 0; repetition < Number(repetitions); repetition += 1) {
    const outcome = await killAndCheck(dataDir, point);
    faults.push(...outcome.faults);
    states[outcome.last.state] = (states[outcome.last.state] ?? 0) + 1;
  }
  total += faults.length;
  console.log(JSON.stringify({ run, point, kills: Number(repetitions), states, faults }));
}
rmSync(dataDir, { recursive: true, force: true });
process.exitCode = total === 0 ? 0 : 1;
