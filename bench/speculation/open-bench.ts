import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { startCandidate } from "../overhead/processes.ts";
import { type ToolCounters, writeSlowTool } from "./slow-tool.ts";

/** Milliseconds to the decision, of the tool, and to the answer's first token. */
export type Times = { route: number; tool: number; answer: number };

/** What servers under measurement stand on: a scripted model and one tool, and the environment that names them. */
export type Upstream = {
  modelUrl: string;
  env: Record<string, string>;
  counters(): ToolCounters;
} & AsyncDisposable;

/** `asked`: what the model decides for each text. `more` comes before all that. */
export async function openUpstream(
  times: Times,
  asked: readonly { text: string; station: string }[],
  more: Script["steps"] = [],
): Promise<Upstream> {
  const resources = new DisposalStack();
  const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, "forerun.yaml");
  // The same questions again and again would measure the cache.
  await writeFile(config, "cache: {enabled: false}\n");
  const tool = writeSlowTool(join(folder, "tools"), times.tool);
  const model = resources.use(await startScriptedModel([...more, ...script(times, asked)]));
  return {
    modelUrl: model.url,
    env: {
      MODEL_URL: model.url,
      MODEL: "scripted",
      LOG_LEVEL: "silent",
      CONFIG: config,
      DATA_DIR: join(folder, "data"),
      TOOLS_DIR: join(folder, "tools"),
      METRICS_ADDR: "127.0.0.1:0",
    },
    counters: () => tool.counters(),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

/** A server in a process of its own, its scripted model and its one tool. */
export type Bench = { http: string; modelUrl: string; counters(): ToolCounters } & AsyncDisposable;

export async function openBench(...upstreamOf: Parameters<typeof openUpstream>): Promise<Bench> {
  const resources = new DisposalStack();
  const { modelUrl, env, counters } = resources.use(await openUpstream(...upstreamOf));
  const { http } = resources.use(
    await startCandidate<{ http: string; pid: number }>(["bench/overhead/serve-stack.ts", "store"], env),
  );
  return { http, modelUrl, counters, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() };
}

const TOKEN_MS = 10;

function script({ route, answer }: Times, asked: readonly { text: string; station: string }[]) {
  const decided = asked.map(({ text, station }) => ({
    match: { kind: "route" as const, contains: text },
    reply: {
      json: {
        thought: "a timetable",
        action: "call",
        calls: [{ id: "c1", tool: "station_departures", args: { station } }],
      },
    },
    first_token_ms: route,
    times: 1_000_000,
  }));
  const answered = {
    match: { kind: "answer" as const },
    reply: { text: "The next one leaves soon." },
    first_token_ms: answer,
    // As models write: an answer that came whole would be seen when all of it, and the turn's end, is in the log.
    token_ms: TOKEN_MS,
    times: 1_000_000,
  };
  return [...decided, answered];
}
