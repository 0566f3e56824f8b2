/**
 * What it costs to note a call that changes something before it begins and after it has ended: one call after the other through
 * the executor, with the record in memory, on PGlite and on Postgres, all ways in turn.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import type { Executor } from "../services/tool-executor/src/executor.ts";
import { executorRecordingIn } from "../services/tool-executor/src/fixtures/domain.ts";
import { memoryRecord } from "../services/tool-executor/src/fixtures/memory-record.ts";
import {
  countingTool,
  makeCall,
  registryOf,
} from "../services/tool-executor/src/invocations/fixtures/kill-run.ts";
import { openInvocations } from "../services/tool-executor/src/invocations/open-invocations.ts";
import { type Measurement, summary } from "./measurement.ts";

const ROUNDS = 7;
const CALLS = 100;
/** Beside what a tool that changes something takes itself, which is a request to a back end. */
const AIM_MS = 10;

export async function* run(): AsyncGenerator<Measurement> {
  await using stack = new DisposalStack();
  const dataDir = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const { url } = stack.use(await startPostgres());
  const open = (databaseUrl: string | undefined) => openInvocations({ databaseUrl, dataDir }, silentLogger);
  const registry = registryOf(countingTool(async () => {}));
  const ways: [string, Executor][] = [
    ["noted in memory", executorRecordingIn(memoryRecord(), registry)],
    ["noted on PGlite", executorRecordingIn(stack.use(await open(undefined)), registry)],
    ["noted on Postgres", executorRecordingIn(stack.use(await open(url)), registry)],
  ];
  const times = ways.map(() => [] as number[]);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [at, [, executor]] of ways.entries()) {
      const begun = performance.now();
      for (let call = 0; call < CALLS; call += 1) await makeCall(executor, `${round}-${call}`);
      // The first round only warms up.
      if (round > 0) times[at]?.push((performance.now() - begun) / CALLS);
    }
  }
  const reference = summary(times[0] ?? []).median;
  for (const [at, [name]] of ways.entries()) {
    const figures = summary(times[at] ?? []);
    const aimed = at > 0;
    yield {
      bench: "write-calls",
      case: name,
      metric: "time_per_call",
      unit: "ms",
      ...figures,
      reference,
      ratio: figures.median / reference,
      aim: aimed ? `<= ${AIM_MS} ms` : null,
      met: aimed ? figures.median <= AIM_MS : null,
    };
  }
}
