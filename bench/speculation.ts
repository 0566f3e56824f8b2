/**
 * What early tool calls bring to the first word of an answer: right, wrong and no draft against speculation off, and against
 * the ideal overlap, which is the same model calls and the same wait made by hand in this run. The model is scripted, with the
 * named times to its decision and to the first token of its answer; the tool takes the named time. One process, PGlite.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { type Measurement, summary } from "./measurement.ts";
import { startCandidate } from "./overhead/processes.ts";
import { askForFirstText, type FirstText } from "./speculation/first-text.ts";
import { type ToolCounters, writeSlowTool } from "./speculation/slow-tool.ts";

const ROUNDS = 15;

type Times = { route: number; tool: number; answer: number };

const TIMES: readonly Times[] = [
  { route: 400, tool: 300, answer: 200 },
  { route: 150, tool: 120, answer: 150 },
];

/** What is asked, what the scripted model decides, and whether tools may start early. */
const CASES = {
  "right draft": { text: "train departures from Oslo", station: "Oslo", speculation: "auto" },
  "wrong draft": { text: "train departures from Bergen", station: "Trondheim", speculation: "auto" },
  "no draft": { text: "what leaves next up there?", station: "Leeds", speculation: "auto" },
  off: { text: "train departures from Vienna", station: "Vienna", speculation: "off" },
} as const;

type CaseName = keyof typeof CASES;

export async function* run(): AsyncGenerator<Measurement> {
  for (const times of TIMES) yield* measure(times);
}

async function* measure(times: Times): AsyncGenerator<Measurement> {
  await using resources = new DisposalStack();
  const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const tool = writeSlowTool(join(folder, "tools"), times.tool);
  const model = resources.use(await startScriptedModel(script(times)));
  const stack = resources.use(
    await startCandidate<{ http: string; pid: number }>(["bench/overhead/serve-stack.ts", "store"], {
      MODEL_URL: model.url,
      MODEL: "scripted",
      LOG_LEVEL: "silent",
      DATA_DIR: join(folder, "data"),
      TOOLS_DIR: join(folder, "tools"),
      METRICS_ADDR: "127.0.0.1:0",
    }),
  );
  const names = Object.keys(CASES) as CaseName[];
  const first = new Map<CaseName | "ideal", number[]>([
    ["ideal", []],
    ...names.map((name) => [name, []] as [CaseName, number[]]),
  ]);
  const turns: FirstText[] = [];
  // The first rounds warm up server, drafts and expectations; only the tool's counters keep them.
  for (let round = -3; round < ROUNDS; round++) {
    const ideal = await overlapByHand(model.url, times);
    if (round >= 0) first.get("ideal")?.push(ideal);
    for (const name of names) {
      const turn = await askForFirstText(stack.http, CASES[name]);
      turns.push(turn);
      if (round >= 0) first.get(name)?.push(turn.ms);
    }
  }
  yield* report(times, first);
  yield* ledger(times, turns, tool.counters());
}

function script({ route, answer }: Times) {
  const decided = Object.values(CASES).map(({ text, station }) => ({
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
    times: 1_000_000,
  };
  return [...decided, answered];
}

/** Decision and tool side by side, then the answer's first token: what a client gets that overlaps them itself. */
async function overlapByHand(url: string, { tool }: Times): Promise<number> {
  const begun = performance.now();
  const complete = (body: object) =>
    fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "scripted", ...body }),
    });
  const messages = [{ role: "user", content: CASES.off.text }];
  const schema = { type: "json_schema", json_schema: { name: "route_decision", schema: {} } };
  const decide = async () => (await complete({ messages, response_format: schema })).json();
  await Promise.all([decide(), wait(tool)]);
  const answer = await complete({ messages, stream: true });
  const reader = answer.body?.getReader();
  await reader?.read();
  const ms = performance.now() - begun;
  await reader?.cancel();
  return ms;
}

function* report(times: Times, first: ReadonlyMap<CaseName | "ideal", number[]>): Generator<Measurement> {
  const of = (name: CaseName | "ideal") => summary(first.get(name) ?? []);
  const ideal = of("ideal").median;
  const off = of("off").median;
  const label = `${times.route}/${times.tool}/${times.answer}`;
  yield line(`${label} ideal overlap`, of("ideal"), null);
  yield line(`${label} right draft`, of("right draft"), { reference: ideal, atMost: 1.05, of: "ideal" });
  yield line(`${label} wrong draft`, of("wrong draft"), { reference: off, atMost: 1.02, of: "off" });
  yield line(`${label} no draft`, of("no draft"), { reference: off, atMost: 1.02, of: "off" });
  yield line(`${label} off`, of("off"), { reference: ideal });
  const hidden = (off - of("right draft").median) / Math.min(times.tool, times.route);
  yield {
    bench: "speculation",
    case: `${label} right draft hides of min(tool, route)`,
    metric: "share",
    unit: "",
    ...{ median: hidden, min: hidden, max: hidden, reps: ROUNDS },
    reference: 1,
    ratio: hidden,
    aim: ">= 0.95",
    met: hidden >= 0.95,
  };
}

type Spread = ReturnType<typeof summary>;

function line(
  label: string,
  spread: Spread,
  against: { reference: number; atMost?: number; of?: string } | null,
): Measurement {
  const ratio = against ? spread.median / against.reference : null;
  const aim = against?.atMost === undefined ? null : `<= ${against.atMost} × ${against.of}`;
  return {
    bench: "speculation",
    case: label,
    metric: "first token",
    unit: "ms",
    ...spread,
    reference: against?.reference ?? null,
    ratio,
    aim,
    met: aim === null || ratio === null ? null : ratio <= (against?.atMost ?? 0),
  };
}

/** Holds the ledger of all turns against what the tool saw of itself. */
function* ledger(times: Times, turns: readonly FirstText[], counters: ToolCounters): Generator<Measurement> {
  const records = turns.flatMap((turn) => turn.records);
  const count = (...outcomes: string[]) => records.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const saved = records.reduce((sum, record) => sum + record.savedMs, 0);
  const wasted = records.reduce((sum, record) => sum + record.wastedMs, 0);
  const label = `${times.route}/${times.tool}/${times.answer}`;
  for (const [what, own, ledger] of [
    ["started", counters.started, records.length],
    [
      "finished",
      counters.finished,
      count("OUTCOME_HIT", "OUTCOME_LATE", "OUTCOME_MISS", "OUTCOME_COMMITTED"),
    ],
    ["stopped", counters.stopped, count("OUTCOME_CANCELLED")],
  ] as const) {
    yield {
      bench: "speculation",
      case: `${label} ledger: calls ${what}`,
      metric: "calls",
      unit: "",
      ...{ median: ledger, min: ledger, max: ledger, reps: turns.length },
      reference: own,
      ratio: own === 0 ? null : ledger / own,
      aim: "the tool's own count",
      met: ledger === own,
    };
  }
  for (const [what, ms] of [
    ["saved (estimate)", saved],
    ["wasted", wasted],
  ] as const) {
    const spread = { median: ms / turns.length, min: 0, max: ms, reps: turns.length };
    yield {
      bench: "speculation",
      case: `${label} ${what} a turn`,
      metric: "tool time",
      unit: "ms",
      ...spread,
      reference: null,
      ratio: null,
      aim: null,
      met: null,
    };
  }
}
