import { once } from "node:events";
import { createServer } from "node:net";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { type PortHolder, portHolder } from "./port-holder.ts";

const VARIABLES = ENVIRONMENT.pick({ HOST: true, PORT: true, GRPC_PORT: true, METRICS_ADDR: true });
/** How far a default port may move. */
const MOST_TRIES = 50;

/**
 * Settles where to listen. A taken default port gives way to the next free one, and `say` names who holds it; a port that a
 * person chose is kept, and when it is taken that is FR-E1001.
 */
export async function choosePorts(env: Environment, say: (line: string) => void): Promise<Environment> {
  const { HOST, PORT, GRPC_PORT, METRICS_ADDR } = readEnv(VARIABLES, env);
  const [metricsHost = HOST, metricsPort] = METRICS_ADDR.split(/:(?=\d+$)/);
  const given = (name: string) => Boolean(env[name]?.trim());
  const wished = [PORT, GRPC_PORT, Number(metricsPort)];
  const ours = new Map<number, string>();
  const choose = async (name: string, host: string, port: number): Promise<number> => {
    const chosen = await choosePort({ name, host, port, fixed: given(name), wished, ours }, say);
    ours.set(chosen, name);
    return chosen;
  };
  return {
    ...env,
    PORT: String(await choose("PORT", HOST, PORT)),
    GRPC_PORT: String(await choose("GRPC_PORT", HOST, GRPC_PORT)),
    METRICS_ADDR: `${metricsHost}:${await choose("METRICS_ADDR", metricsHost, Number(metricsPort))}`,
  };
}

type Wish = {
  name: string;
  host: string;
  port: number;
  fixed: boolean;
  /** Ports that all of this process would like: nobody moves onto another's. */
  wished: readonly number[];
  /** Ports that this process has settled on, by the setting that did. */
  ours: ReadonlyMap<number, string>;
};

async function choosePort(wish: Wish, say: (line: string) => void): Promise<number> {
  const { name, host, port, fixed, wished, ours } = wish;
  if (port === 0 || (!ours.has(port) && (await isFree(host, port)))) return port;
  const holder = ours.get(port) ?? describeHolder(portHolder(port));
  if (fixed) throw portTaken(name, port, holder);
  for (let next = port + 1; next <= Math.min(65_535, port + MOST_TRIES); next++) {
    if (wished.includes(next) || ours.has(next) || !(await isFree(host, next))) continue;
    say(`port ${port} is taken by ${holder}: using ${next} (${name}=… chooses)`);
    return next;
  }
  throw portTaken(name, port, holder);
}

function portTaken(name: string, port: number, holder: string): ForerunError {
  return new ForerunError(
    "FR-E1001",
    "failed_precondition",
    `port ${port} is taken by ${holder}`,
    `stop it, or set ${name} to another port (0 takes any free one)`,
  );
}

function describeHolder(holder: PortHolder | undefined): string {
  return holder ? `${holder.name} (process ${holder.pid})` : "another program";
}

/** Whether the port can be listened on now. Errors other than a taken port are left to the server, which words them. */
export async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EADDRINUSE";
  }
}
