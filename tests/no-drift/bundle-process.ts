import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Health, HealthCheckResponse_ServingStatus } from "@forerun/contracts/grpc/health/v1/health_pb";
import { createMeshClient } from "@forerun/rpc/client";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import type { Workload } from "../../scripts/k8s/manifest.ts";
import type { Addresses } from "./addresses.ts";

export type BundleProcess = {
  /** Milliseconds until its startup probe passed. */
  startedMs: number;
  /** Sends SIGTERM and resolves with the exit code and the milliseconds it took. */
  stop(): Promise<{ code: number | string; ms: number }>;
} & AsyncDisposable;

/** Runs a bundle to its end. Throws with what it said where it fails. */
export async function runBundle(main: string, env: Record<string, string>): Promise<void> {
  const { child, said } = launch(main, env);
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${main} ended with ${code}: ${said()}`);
}

/** Starts a workload's bundle and waits for it as the kubelet would: by its startup probe, for as long as that allows. */
export async function startBundle(
  workload: Workload,
  main: string,
  env: Record<string, string>,
  addresses: Addresses,
): Promise<BundleProcess> {
  const { child, said } = launch(main, env);
  const gone = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  const stop = async () => {
    const begun = performance.now();
    child.kill("SIGTERM");
    return { code: await gone, ms: performance.now() - begun };
  };
  const begun = performance.now();
  const started = probe(workload, addresses).then(() => connectToPorts(workload, addresses));
  const early = gone.then((code) => {
    throw new Error(`ended with ${code} before its startup probe passed`);
  });
  early.catch(() => {});
  try {
    await Promise.race([started, early]);
  } catch (fault) {
    child.kill("SIGKILL");
    throw new Error(`${workload.metadata.name} ${(fault as Error).message}: ${said()}`);
  }
  return {
    startedMs: performance.now() - begun,
    stop,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function launch(main: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [main], { env, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-4_000);
  });
  return { child, said: () => stderr };
}

/** Every port that the manifest names has to be one that is open. */
async function connectToPorts({ metadata, spec }: Workload, addresses: Addresses): Promise<void> {
  for (const { name, containerPort } of spec.template.spec.containers[0]?.ports ?? []) {
    const socket = connect(await addresses.portOf(metadata.name, containerPort), "127.0.0.1");
    await once(socket, "connect").catch(() => {
      throw new Error(`has nothing on its port ${name}, ${containerPort}`);
    });
    socket.destroy();
  }
}

type StartupProbe = { grpc?: { port: number }; periodSeconds?: number; failureThreshold?: number };

async function probe({ metadata, spec }: Workload, addresses: Addresses): Promise<void> {
  const probe = spec.template.spec.containers[0]?.startupProbe as StartupProbe | undefined;
  if (!probe?.grpc) throw new Error("has no startup probe over gRPC");
  const { grpc, periodSeconds = 10, failureThreshold = 3 } = probe;
  const address = `ipv4:127.0.0.1:${await addresses.portOf(metadata.name, grpc.port)}`;
  using transport = createGrpcTransport({
    address,
    key: Buffer.alloc(32).toString("base64"),
    service: "probe",
  });
  const health = createMeshClient(Health, transport);
  for (let tries = 0; tries < failureThreshold; tries++) {
    const answer = await health.check({}, { timeoutMs: 1_000 * periodSeconds }).catch(() => undefined);
    if (answer?.status === HealthCheckResponse_ServingStatus.SERVING) return;
    await delay(1_000 * periodSeconds);
  }
  throw new Error(`did not serve within ${failureThreshold * periodSeconds} s`);
}
