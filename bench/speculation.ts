/**
 * What early calls bring to the first word of an answer: right, wrong and no draft against speculation off, and against the
 * ideal overlap, which is the same model calls and the same wait made by hand in this run; and the answer begun early, against
 * its own ideal. The model is scripted, with the named times to its decision and to the first token of its answer; the tool
 * takes the named time. One process, PGlite, nothing used from a cache.
 */

import { type Measurement, summary } from "./measurement.ts";
import { askForFirstText, type FirstText } from "./speculation/first-text.ts";
import { ledger, loserStops } from "./speculation/ledger.ts";
import { measured } from "./speculation/measured.ts";
import { type Bench, openBench, type Times } from "./speculation/open-bench.ts";
import { overlapByHand } from "./speculation/overlap-by-hand.ts";

const ROUNDS = 15;
/** They warm up server, drafts and expectations; only the tool's counters keep them. */
const WARM_UP_ROUNDS = 5;

const TIMES: readonly Times[] = [
  { route: 400, tool: 300, answer: 200 },
  { route: 150, tool: 120, answer: 150 },
];
/** The tool still runs when something else is decided. */
const LOSER: Times = { route: 60, tool: 2_000, answer: 20 };

/** What is asked, what the scripted model decides, and what may start early. */
const CASES = {
  "right draft": { text: "train departures from Oslo", station: "Oslo", speculation: "auto" },
  "wrong draft": { text: "train departures from Bergen", station: "Trondheim", speculation: "auto" },
  "no draft": { text: "what leaves next up there?", station: "Leeds", speculation: "auto" },
  off: { text: "train departures from Vienna", station: "Vienna", speculation: "off" },
  "answer speculated": { text: "train departures from Lyon", station: "Lyon", speculation: "with_answer" },
} as const;

type CaseName = keyof typeof CASES;
type Name = CaseName | "ideal" | "ideal with answer";

export async function* run(): AsyncGenerator<Measurement> {
  for (const times of TIMES) yield* measure(times);
  yield* measureLosers();
}

async function* measure(times: Times): AsyncGenerator<Measurement> {
  await using bench = await openBench(times, Object.values(CASES));
  const first = new Map<Name, number[]>();
  const turns: FirstText[] = [];
  const note = (round: number, name: Name, ms: number) => {
    if (round >= 0) first.set(name, [...(first.get(name) ?? []), ms]);
  };
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    note(round, "ideal", await overlapByHand(bench.modelUrl, times, "then the answer"));
    note(round, "ideal with answer", await overlapByHand(bench.modelUrl, times, "with the answer"));
    for (const name of Object.keys(CASES) as CaseName[]) {
      const turn = await askForFirstText(bench.http, CASES[name]);
      turns.push(turn);
      note(round, name, turn.ms);
    }
  }
  yield* report(times, first);
  yield* ledger(times, turns, bench.counters());
}

function* report(times: Times, first: ReadonlyMap<Name, number[]>): Generator<Measurement> {
  const of = (name: Name) => summary(first.get(name) ?? []);
  const ideal = of("ideal").median;
  const off = of("off").median;
  const withAnswer = of("ideal with answer").median;
  const toIdeal = { reference: ideal, atMost: 1.05, of: "ideal" };
  const toOff = { reference: off, atMost: 1.02, of: "off" };
  const label = `${times.route}/${times.tool}/${times.answer}`;
  yield measured(`${label} ideal overlap`, of("ideal"));
  yield measured(`${label} right draft`, of("right draft"), toIdeal);
  yield measured(`${label} wrong draft`, of("wrong draft"), toOff);
  yield measured(`${label} no draft`, of("no draft"), toOff);
  yield measured(`${label} off`, of("off"), { reference: ideal });
  yield measured(`${label} ideal overlap with the answer`, of("ideal with answer"));
  const toAnswer = { reference: withAnswer, atMost: 1.05, of: "its ideal" };
  yield measured(`${label} answer speculated`, of("answer speculated"), toAnswer);
  const hidden = (off - of("right draft").median) / Math.min(times.tool, times.route);
  yield {
    ...measured(`${label} right draft hides of min(tool, route)`, summary([hidden])),
    ...{ metric: "share", unit: "", reps: ROUNDS, reference: 1, ratio: hidden },
    ...{ aim: ">= 0.95", met: hidden >= 0.95 },
  };
}

/** How soon the tool of a wrong draft hears that it is to stop. */
async function* measureLosers(): AsyncGenerator<Measurement> {
  await using bench: Bench = await openBench(LOSER, [CASES["wrong draft"]]);
  const turns: FirstText[] = [];
  for (let round = 0; round < ROUNDS; round++)
    turns.push(await askForFirstText(bench.http, CASES["wrong draft"]));
  yield loserStops(turns, bench.counters());
}
