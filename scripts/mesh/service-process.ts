import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { leaveNoChild } from "@forerun/components/leave-no-child";
import type { ServiceName } from "./replicas.ts";
import type { MeshProcess } from "./start-mesh.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Longest start of one process, and longest time from SIGTERM to its end, in milliseconds. */
const READY_WITHIN_MS = 60_000;
const GONE_WITHIN_MS = 35_000;

export type ServiceProcess = {
  described: MeshProcess;
  /** Resolves when the process has ended: true when nobody had asked for it. */
  gone: Promise<boolean>;
} & AsyncDisposable;

/** Starts one replica and waits for its ready line. Its log goes to this process's stderr. */
export async function startServiceProcess(
  service: ServiceName,
  replica: number,
  env: NodeJS.ProcessEnv,
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", `services/${service}/src/main.ts`], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own: Ctrl+C reaches the mesh alone, which then stops its processes in order.
    detached: true,
  });
  leaveNoChild(child, "SIGKILL");
  let asked = false;
  const gone = new Promise<boolean>((resolve) => child.once("exit", () => resolve(!asked)));
  const stop = async () => {
    asked = true;
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), GONE_WITHIN_MS);
    await gone.finally(() => clearTimeout(hard));
  };
  try {
    const ready = await firstLine(child.stdout, gone, service);
    return { described: { service, replica, ...ready }, gone, [Symbol.asyncDispose]: stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

type Ready = Omit<MeshProcess, "service" | "replica">;

async function firstLine(
  stdout: NodeJS.ReadableStream,
  gone: Promise<unknown>,
  service: string,
): Promise<Ready> {
  const lines = createInterface({ input: stdout });
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${service} was not ready in time`)), READY_WITHIN_MS);
    lines.once("line", resolve);
    void gone.then(() => reject(new Error(`${service} ended before it was ready; its log says why`)));
    lines.once("line", () => clearTimeout(timer));
    void gone.then(() => clearTimeout(timer));
  });
  const { event: _, ...ready } = JSON.parse(line) as Ready & { event: string };
  return ready;
}
