/** `npm run mesh [-- --replicas chat=3,router=2 --gateway]`: the five services as processes on real servers: Postgres, NATS, Redis. */
import { parseArgs } from "node:util";
import { findBinary } from "@forerun/components/binaries";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startGateway, tokensOf } from "./mesh/gateway.ts";
import { checkReplicas, parseReplicas, type ServiceName } from "./mesh/replicas.ts";
import { type MeshServers, startServers } from "./mesh/servers.ts";
import { type Mesh, type MeshProcess, startMesh } from "./mesh/start-mesh.ts";

const USAGE = "npm run mesh [-- --replicas chat=3,router=2 --gateway]";

const { replicas, gateway: wantsGateway } = askedFor();
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
  if (wantsGateway) findBinary("envoy");
  const tokens = wantsGateway ? await tokensOf(process.env) : undefined;
  const servers = await startServers(process.env, stack, warn);
  checkReplicas(replicas, servers.natsUrl);
  const mesh = stack.use(await startMesh({ ...servers, replicas, env: { ...process.env, ...tokens } }));
  mesh.onExit((gone) => goOnWithout(gone, mesh));
  const gateway = tokens && stack.use(await startGateway(mesh.processes, tokens, process.env));
  print(mesh.processes, servers, gateway?.url);
} catch (fault) {
  process.stderr.write(`✖ ${fault instanceof Error ? fault.message : String(fault)}\n`);
  await stop(1);
}

function warn(line: string): void {
  process.stderr.write(`! ${line}\n`);
}

/** A service that has lost its last process is none. */
function goOnWithout({ service, replica, pid }: MeshProcess, mesh: Mesh): void {
  const name = `${service} ${replica} (pid ${pid})`;
  const left = mesh.processes.filter((one) => one.service === service).length;
  if (left > 0) warn(`${name} ended; ${left} of ${service} are left`);
  else {
    process.stderr.write(`✖ ${name} ended; the mesh stops\n`);
    void stop(1);
  }
}

/** Whoever types something else is told so before anything starts. */
function askedFor(): { replicas: Record<ServiceName, number>; gateway: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        replicas: { type: "string", default: "" },
        gateway: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    if (!values.help) return { replicas: parseReplicas(values.replicas), gateway: values.gateway };
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } catch (fault) {
    process.stderr.write(`✖ ${fault instanceof Error ? fault.message : String(fault)}\n  ${USAGE}\n`);
    process.exit(2);
  }
}

function print(
  processes: readonly MeshProcess[],
  { natsUrl, redisUrl }: MeshServers,
  gateway: string | undefined,
): void {
  const servers = { bus: natsUrl ? "nats" : null, cache: redisUrl ? "redis" : null };
  if (process.env.CI || !process.stdout.isTTY) {
    process.stdout.write(
      `${JSON.stringify({ event: "ready", gateway: gateway ?? null, ...servers, processes })}\n`,
    );
    return;
  }
  const rows = processes.map(
    ({ service, replica, grpc, http, metrics, pid }) =>
      `  ${`${service} ${replica}`.padEnd(18)}${(http ?? grpc).padEnd(30)}${metrics.padEnd(40)}pid ${pid}`,
  );
  const [chat] = processes.filter(({ service }) => service === "chat");
  const token = gateway ? "FORERUN_TOKEN=$(npx forerun token mint --tenant acme --sub me) " : "";
  const hint = `\n  Try   ${token}FORERUN_URL=${gateway ?? chat?.http} npx forerun chat "17% of 2400, and the time in Oslo?"\n  Stop  Ctrl+C\n`;
  process.stdout.write(
    `\n  Forerun mesh\n\n${rows.join("\n")}\n\n${gateway ? `  door   ${gateway}\n` : ""}  bus    ${natsUrl ?? "none: tools are called over gRPC"}\n  cache  ${redisUrl ?? "in each process"}\n${hint}`,
  );
}
