import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startCandidate } from "../overhead/processes.ts";
import { writeFanOutTools } from "./fan-out-tools.ts";
import { LOAD_SCRIPT } from "./script.ts";

/** One process on a store, and the model, in a process of its own, that it asks. */
export type LoadBench = { http: string; pid: number; modelUrl: string } & AsyncDisposable;

export async function openLoadBench(store: string): Promise<LoadBench> {
  const resources = new DisposalStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
    resources.defer(() => rm(folder, { recursive: true, force: true }));
    const modelUrl = await startModel(folder, resources);
    const config = join(folder, "forerun.yaml");
    // The same question again and again would measure the cache.
    await writeFile(config, "cache: {enabled: false}\n");
    writeFanOutTools(join(folder, "tools"));
    const database = store === "Postgres" ? { DATABASE_URL: resources.use(await startPostgres()).url } : {};
    const server = await startCandidate<{ http: string; pid: number }>(
      ["bench/overhead/serve-stack.ts", "store"],
      {
        ...{ MODEL_URL: modelUrl, MODEL: "scripted", LOG_LEVEL: "info", CONFIG: config },
        ...{ DATA_DIR: join(folder, "data"), TOOLS_DIR: join(folder, "tools"), METRICS_ADDR: "127.0.0.1:0" },
        ...database,
      },
    );
    resources.use(server);
    const { http, pid } = server;
    return { http, pid, modelUrl, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() };
  } catch (fault) {
    await resources[Symbol.asyncDispose]();
    throw fault;
  }
}

async function startModel(folder: string, resources: DisposalStack): Promise<string> {
  const script = join(folder, "script.json");
  await writeFile(script, JSON.stringify(LOAD_SCRIPT));
  const main = "packages/testing/src/scripted-model/main.ts";
  const model = await startCandidate<{ model_url: string }>([main, "--script", script], {});
  return resources.use(model).model_url;
}

/** Megabytes that a process holds now, and the most it ever held (Linux). */
export function memoryMb(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}
