/** A tool executor on the bus at argv[2], with tools t1 to t8 that take as many milliseconds as they are told, and bare echoes beside it. */
import { setTimeout as wait } from "node:timers/promises";
import { openBus } from "@forerun/bus/open-bus";
import { subjectPattern } from "@forerun/bus/subject";
import { claimVerifier } from "@forerun/rpc/claim";
import { silentLogger } from "@forerun/runtime/logger";
import { silentBusSignals } from "@forerun/telemetry/bus-signals";
import { takeBusCalls } from "@forerun/tool-executor/bus-calls-wire";
import { executorWith, tool } from "@forerun/tool-executor/fixtures/domain";
import { BENCH_KEY, TOOLS } from "./fan-out-parts.ts";

const opened = await openBus({
  url: process.argv[2],
  env: "dev",
  lane: "default",
  name: "tool-executor",
  observe: () => {},
});
const run = async ({ ms }: { ms?: unknown }) => {
  if (Number(ms) > 0) await wait(Number(ms));
  return {};
};
const { executor } = executorWith(...TOOLS.map((name) => tool({ name, effect: "read", run })));
const signals = silentBusSignals;
await takeBusCalls({ ...opened, verify: claimVerifier(BENCH_KEY), signals, executor, log: silentLogger });
const { signal } = new AbortController();
const echoes = await opened.bus.subscribe(subjectPattern("echo", "*"), { signal });
process.stdout.write("ready\n");
for await (const { reply, data } of echoes) if (reply) opened.bus.publish(reply, data);
