/** `npm run faults -- NAME [--times N]`: brings a fault about and exits non-zero when a promise did not hold. */
import { parseArgs } from "node:util";
import { crowdFault } from "./bus/crowd-fault.ts";
import { garbageFault } from "./bus/garbage-fault.ts";
import { crossTenantFault } from "./cross-tenant-fault.ts";
import type { Fault } from "./fault.ts";
import { floodsFault } from "./gateway/floods-fault.ts";
import { gatewayKill } from "./gateway/kill-fault.ts";
import { limitFault } from "./gateway/limit-fault.ts";
import { silenceFault } from "./gateway/silence-fault.ts";
import { killFault } from "./kill/kill-fault.ts";
import { killStoreFault } from "./kill-store-fault.ts";
import { killWritesFault } from "./kill-writes-fault.ts";
import { MESH_BLOWS } from "./mesh/blows.ts";
import { meshFault } from "./mesh/mesh-fault.ts";
import { reconnectFault } from "./mesh/reconnect-fault.ts";
import { rollingRestart } from "./mesh/rolling-restart.ts";

const FAULTS: Readonly<Record<string, Fault>> = {
  kill: killFault,
  "kill-store": killStoreFault,
  "kill-writes": killWritesFault,
  "cross-tenant": crossTenantFault,
  reconnect: reconnectFault,
  "nats-crowd": crowdFault,
  "nats-garbage": garbageFault,
  "rolling-restart": rollingRestart,
  "gateway-limit": limitFault,
  "gateway-floods": floodsFault,
  "gateway-kill": gatewayKill,
  "gateway-silence": silenceFault,
  ...Object.fromEntries(Object.entries(MESH_BLOWS).map(([name, blow]) => [name, meshFault(blow)])),
};
const DEFAULT_TIMES = "20";

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { times: { type: "string", default: DEFAULT_TIMES } },
  });
  const fault = FAULTS[positionals[0] ?? ""];
  const times = Number(values.times);
  if (!fault || !Number.isInteger(times) || times < 1) {
    const lines = Object.entries(FAULTS).map(([name, { title }]) => `  ${name.padEnd(27)} ${title}`);
    console.error(["usage: npm run faults -- NAME [--times 20]", ...lines].join("\n"));
    return 2;
  }
  const { rows, violations } = await fault.run(times, (line) => console.error(line));
  console.table(rows);
  for (const violation of violations) console.error(`✖ ${violation}`);
  console.log(`${violations.length} violations`);
  return violations.length === 0 ? 0 : 1;
}

process.exitCode = await main();
