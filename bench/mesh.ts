/**
 * The mesh beside one process, in one run and in turn, against the same scripted model and the same tool: the first word of an
 * answer at 1, 32 and 128 turns side by side, against the same calls overlapped by hand and against the mesh without
 * speculation; CPU of a turn; live streams at 50 tokens a second; and both as plain gateways beside those of others. Both keep their turns in a Postgres of their own; the mesh
 * is a process a service on NATS and Redis, with its logs and a tenth of its traces on.
 */
import { type Measurement, summary } from "./measurement.ts";
import { type MeshBench, openMeshBench, type Server } from "./mesh/candidates.ts";
import { measureGateways } from "./mesh/gateway-load.ts";
import type { Gateway } from "./mesh/gateways.ts";
import { line } from "./mesh/line.ts";
import { measureStreams } from "./mesh/streams.ts";
import { cpuMs } from "./overhead/processes.ts";
import { askForFirstText } from "./speculation/first-text.ts";
import { overlapByHand } from "./speculation/overlap-by-hand.ts";

const TIMES = { route: 150, tool: 120, answer: 150 };
const QUESTION = { text: "train departures from Oslo", station: "Oslo" };
const ROUNDS = 5;
const WARM_UP_TURNS = 300;

/** Turns side by side, and how many times the ideal the first word may take there. */
const LEVELS = [
  { concurrent: 1, turns: 12, atMost: 1.05 },
  { concurrent: 32, turns: 64, atMost: 1.05 },
  { concurrent: 128, turns: 128, atMost: 1.25 },
] as const;

type Level = (typeof LEVELS)[number];
type Way = { name: string; pids: readonly number[]; ask(): Promise<number> };
type Figures = { firstMs: number[]; cpuMs: number[] };

export async function* run(): AsyncGenerator<Measurement> {
  await using bench = await openMeshBench(TIMES, QUESTION);
  const ways = waysOf(bench);
  for (const { ask } of ways) await together(WARM_UP_TURNS, 16, ask);
  for (const level of LEVELS) yield* measureLevel(ways, level);
  yield* measureStreams(bench);
  yield* measureGateways(bench.modelUrl, gatewaysOf(bench));
}

function gatewaysOf({ one, mesh }: MeshBench): Map<string, Gateway> {
  const gateway = ({ http, pids }: Server): Gateway => ({ url: `${http}/v1`, pids, headers: {} });
  return new Map([
    ["one process", gateway(one)],
    ["mesh", gateway(mesh)],
  ]);
}

function waysOf({ modelUrl, one, mesh }: MeshBench): Way[] {
  const asking = (http: string, speculation: string) => async () =>
    (await askForFirstText(http, { text: QUESTION.text, speculation })).ms;
  return [
    { name: "ideal overlap", pids: [], ask: () => overlapByHand(modelUrl, TIMES, "then the answer") },
    { name: "one process", pids: one.pids, ask: asking(one.http, "auto") },
    { name: "mesh", pids: mesh.pids, ask: asking(mesh.http, "auto") },
    { name: "mesh, no speculation", pids: mesh.pids, ask: asking(mesh.http, "off") },
  ];
}

async function* measureLevel(ways: readonly Way[], level: Level): AsyncGenerator<Measurement> {
  const figures = new Map<string, Figures>(ways.map(({ name }) => [name, { firstMs: [], cpuMs: [] }]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, pids, ask } of ways) {
      const before = cpuMs(pids);
      const firsts = await together(level.turns, level.concurrent, ask);
      figures.get(name)?.cpuMs.push((cpuMs(pids) - before) / level.turns);
      figures.get(name)?.firstMs.push(summary(firsts).median);
    }
  }
  yield* report(figures, level);
}

/** Milliseconds of each of so many, as many at a time as asked. */
async function together(turns: number, concurrent: number, ask: () => Promise<number>): Promise<number[]> {
  const taken: number[] = [];
  let left = turns;
  const worker = async () => {
    while (left-- > 0) taken.push(await ask());
  };
  await Promise.all(Array.from({ length: concurrent }, worker));
  return taken;
}

function* report(
  figures: ReadonlyMap<string, Figures>,
  { concurrent, atMost }: Level,
): Generator<Measurement> {
  const medianOf = (name: string) => summary(figures.get(name)?.firstMs ?? []).median;
  const ideal = medianOf("ideal overlap");
  for (const [name, { firstMs, cpuMs: cpu }] of figures) {
    const label = `c=${concurrent} ${name}`;
    const aimed = name === "one process" || name === "mesh";
    yield line(label, "first token", firstMs, { reference: ideal, ...(aimed && { atMost, of: "ideal" }) });
    if (name !== "ideal overlap") yield line(label, "CPU a turn", cpu);
  }
  const off = { reference: medianOf("mesh, no speculation"), atMost: 0.75, of: "without speculation" };
  yield line(
    `c=${concurrent} mesh against no speculation`,
    "first token",
    figures.get("mesh")?.firstMs ?? [],
    off,
  );
}
