/** `npm run mesh [-- --replicas router=2,answer=2]`: the five services as processes over gRPC on a real Postgres. */
import { parseArgs } from "node:util";
import { DisposalStack } from "@forerun/runtime/disposal";
import { parseReplicas, type ServiceName } from "./mesh/replicas.ts";
import { type MeshProcess, startMesh } from "./mesh/start-mesh.ts";
import { meshStore } from "./mesh/store.ts";

const USAGE = "npm run mesh [-- --replicas router=2,answer=2]";

const replicas = askedFor();
const stack = new DisposalStack();
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) process.exit(130);
  stopping = true;
  await stack[Symbol.asyncDispose]();
  process.exit(code);
}

process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));

try {
  const databaseUrl = await meshStore(process.env, stack);
  const mesh = stack.use(await startMesh({ replicas, databaseUrl, env: process.env }));
  mesh.onExit((gone) => {
    process.stderr.write(`✖ ${gone.service} ${gone.replica} (pid ${gone.pid}) ended; the mesh stops\n`);
    void stop(1);
  });
  print(mesh.processes);
} catch (fault) {
  process.stderr.write(`✖ ${fault instanceof Error ? fault.message : String(fault)}\n`);
  await stop(1);
}

/** Whoever types something else is told so before anything starts. */
function askedFor(): Record<ServiceName, number> {
  try {
    const { values } = parseArgs({
      options: { replicas: { type: "string", default: "" }, help: { type: "boolean", short: "h" } },
    });
    if (!values.help) return parseReplicas(values.replicas);
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } catch (fault) {
    process.stderr.write(`✖ ${fault instanceof Error ? fault.message : String(fault)}\n  ${USAGE}\n`);
    process.exit(2);
  }
}

function print(processes: readonly MeshProcess[]): void {
  if (process.env.CI || !process.stdout.isTTY) {
    process.stdout.write(`${JSON.stringify({ event: "ready", gateway: null, processes })}\n`);
    return;
  }
  const rows = processes.map(
    ({ service, replica, grpc, http, metrics, pid }) =>
      `  ${`${service} ${replica}`.padEnd(18)}${(http ?? grpc).padEnd(30)}${metrics.padEnd(40)}pid ${pid}`,
  );
  const [chat] = processes.filter(({ service }) => service === "chat");
  const hint = `\n  Try   FORERUN_URL=${chat?.http} npx forerun chat "17% of 2400, and the time in Oslo?"\n  Stop  Ctrl+C\n`;
  process.stdout.write(`\n  Forerun mesh\n\n${rows.join("\n")}\n${hint}`);
}
