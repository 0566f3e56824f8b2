import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { startCandidate } from "../overhead/processes.ts";
import { type ToolCounters, writeSlowTool } from "./slow-tool.ts";

/** Milliseconds to the decision, of the tool, and to the answer's first token. */
export type Times = { route: number; tool: number; answer: number };

/** A server in a process of its own, its scripted model and its one tool. */
export type Bench = { http: string; modelUrl: string; counters(): ToolCounters } & AsyncDisposable;

/** `asked`: what the model decides for each text. */
export async function openBench(
  times: Times,
  asked: readonly { text: string; station: string }[],
): Promise<Bench> {
  const resources = new DisposalStack();
  const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, "forerun.yaml");
  // The same questions again and again would measure the cache.
  await writeFile(config, "cache: {enabled: false}\n");
  const tool = writeSlowTool(join(folder, "tools"), times.tool);
  const model = resources.use(await startScriptedModel(script(times, asked)));
  const stack = resources.use(
    await startCandidate<{ http: string; pid: number }>(["bench/overhead/serve-stack.ts", "store"], {
      MODEL_URL: model.url,
      MODEL: "scripted",
      LOG_LEVEL: "silent",
      CONFIG: config,
      DATA_DIR: join(folder, "data"),
      TOOLS_DIR: join(folder, "tools"),
      METRICS_ADDR: "127.0.0.1:0",
    }),
  );
  return {
    http: stack.http,
    modelUrl: model.url,
    counters: () => tool.counters(),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
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
