/**
 * From the command to the ready line, in wall time as a person waits for it: with a new data folder and with a used one, beside a
 * Node process that does nothing. The first start of an installation also makes the template that new folders are copied from.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Measurement, summary } from "./measurement.ts";

const ROUNDS = 5;
const CLI = fileURLToPath(new URL("../cli/bin/forerun.mjs", import.meta.url));

export async function* run(): AsyncGenerator<Measurement> {
  const folders: string[] = [];
  const newFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
    folders.push(folder);
    return folder;
  };
  const times = { bare: [] as number[], fresh: [] as number[], used: [] as number[] };
  try {
    const used = await newFolder();
    await start(used);
    for (let round = 0; round < ROUNDS; round++) {
      times.bare.push(await bareNode());
      times.fresh.push(await start(await newFolder()));
      times.used.push(await start(used));
    }
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
  const reference = summary(times.bare).median;
  yield line("a Node process that does nothing", times.bare, reference);
  yield line("ready, new data folder", times.fresh, reference, 10_000);
  yield line("ready, used data folder", times.used, reference, 3_000);
}

/** Milliseconds until the ready line; the process is then stopped and awaited. */
async function start(dataDir: string): Promise<number> {
  const env = {
    ...process.env,
    CI: "1",
    PORT: "0",
    GRPC_PORT: "0",
    METRICS_ADDR: "127.0.0.1:0",
    DATA_DIR: dataDir,
    LOG_LEVEL: "silent",
  };
  const begun = performance.now();
  const child = spawn(process.execPath, [CLI, "start"], { env, stdio: ["ignore", "pipe", "ignore"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", () => resolve());
    void gone.then(() => reject(new Error("the server ended before it was ready")));
  });
  const ms = performance.now() - begun;
  child.stdout.resume();
  child.kill("SIGTERM");
  await gone;
  return ms;
}

async function bareNode(): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, ["-e", "0"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("exit", resolve));
  return performance.now() - begun;
}

function line(label: string, values: readonly number[], reference: number, aim?: number): Measurement {
  const spread = summary(values);
  return {
    bench: "start",
    case: label,
    metric: "wall time",
    unit: "ms",
    ...spread,
    reference,
    ratio: spread.median / reference,
    aim: aim === undefined ? null : `<= ${aim} ms`,
    met: aim === undefined ? null : spread.median <= aim,
  };
}
