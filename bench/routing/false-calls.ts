import type { ToolIndex } from "@forerun/router/tier0/ranking/tool-index";
import type { Tier0 } from "@forerun/router/tier0/tier0";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { Measurement } from "../measurement.ts";
import { askedAlone } from "./ask.ts";
import { builtInTools } from "./built-in-tools.ts";
import { questionOf, readCases, readIntents } from "./data.ts";
import { type Half, halfOf } from "./fit/fit-prior.ts";
import { pooledTools } from "./pooled-tools.ts";
import { share } from "./share.ts";
import { seededShuffle } from "./shuffle.ts";

const FILES = ["bfcl_simple_python.jsonl", "bfcl_live_simple.jsonl"];
const FOREIGN = 5;

/** How often something is called that nobody asked for, and how often the own tool is found among as many foreign ones. */
export async function* measureFalseCalls(
  tier0: Tier0,
  half: Half,
  note: string,
): AsyncGenerator<Measurement> {
  const cases = FILES.flatMap((file) => halfOf(readCases(file) ?? [], half));
  if (cases.length === 0) {
    process.stderr.write("skipped false calls: the public sets are not there; set FORERUN_DATA_DIR\n");
    return;
  }
  const pool = pooledTools(cases);
  let wrong = 0;
  let found = 0;
  for (const [at, one] of cases.entries()) {
    const foreign = foreignTools(pool, one.tools, at);
    const text = questionOf(one);
    if (calls(tier0, await tier0.register(foreign), text).length > 0) wrong++;
    const among = calls(tier0, await tier0.register([...foreign, ...one.tools]), text);
    if (among[0]?.name === one.expected[0]?.name) found++;
  }
  yield share({ label: `five foreign tools${note}`, metric: "false calls", hits: wrong, all: cases.length });
  yield share({
    label: `own tool among five foreign${note}`,
    metric: "right tool called",
    hits: found,
    all: cases.length,
  });
  yield* outOfScope(tier0, pool, half, note);
}

/** Five tools of the pool that are not the own ones; the same for the same seed. */
export function foreignTools(
  pool: readonly ToolDefinition[],
  own: readonly ToolDefinition[],
  seed: number,
): ToolDefinition[] {
  const names = new Set(own.map((tool) => tool.name));
  return seededShuffle(
    pool.filter((tool) => !names.has(tool.name)),
    seed,
  ).slice(0, FOREIGN);
}

async function* outOfScope(
  tier0: Tier0,
  pool: readonly ToolDefinition[],
  half: Half,
  note: string,
): AsyncGenerator<Measurement> {
  const intents = halfOf(readIntents("clinc150_dev.jsonl") ?? [], half);
  const lines = intents.filter((line) => line.intent === "oos");
  if (lines.length === 0) {
    process.stderr.write("skipped out-of-scope lines: clinc150_dev.jsonl is not there\n");
    return;
  }
  for (const [label, tools] of [
    [`out of scope, built-in tools${note}`, builtInTools()],
    [`out of scope, ${pool.length} tools pooled${note}`, pool],
  ] as const) {
    const index = await tier0.register(tools);
    const wrong = lines.filter((line) => calls(tier0, index, line.text).length > 0).length;
    yield share({ label, metric: "false calls", hits: wrong, all: lines.length });
  }
}

function calls(tier0: Tier0, index: ToolIndex, text: string): readonly { name: string }[] {
  return tier0.decide(index, askedAlone(text)).calls;
}
