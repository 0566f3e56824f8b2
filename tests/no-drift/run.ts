/** `npm run no-drift [-- COMBINATION]`: runs what the manifests say, and says what was mapped to run it here. */
import { buildCombination } from "../../scripts/k8s/combinations.ts";
import { runManifests } from "./no-drift.ts";

const [combination = "overlays/dev"] = process.argv.slice(2);
const say = (line: string) => void process.stdout.write(`${line}\n`);
try {
  const { answer, traced, startedMs, stopped } = await runManifests(buildCombination(combination), say);
  for (const [service, ms] of Object.entries(startedMs))
    say(`probe    ${service} served after ${Math.round(ms)} ms`);
  say(`turn     ${answer}`);
  say(`trace    ${traced.join(", ")}`);
  for (const { service, code, ms, graceMs } of stopped) {
    const fits = code === 0 && ms <= graceMs;
    say(
      `${fits ? "drain  " : "FAILED "}  ${service} ended with ${code} after ${Math.round(ms)} of ${graceMs} ms`,
    );
    if (!fits) process.exitCode = 1;
  }
} catch (fault) {
  process.stderr.write(`✖ ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
}
