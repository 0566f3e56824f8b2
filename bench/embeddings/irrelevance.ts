import type { Embedder } from "@forerun/embeddings/embedder";
import { createPrior } from "@forerun/router/tier0/decision/prior";
import { Tier0 } from "@forerun/router/tier0/tier0";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { Measurement } from "../measurement.ts";
import { askedAlone } from "../routing/ask.ts";
import { questionOf, readCases } from "../routing/data.ts";
import { foreignTools } from "../routing/false-calls.ts";
import { pooledTools } from "../routing/pooled-tools.ts";
import { areaUnderCurve } from "./area-under-curve.ts";
import { compared } from "./figures.ts";
import { surety } from "./ranking.ts";

const FILES = ["bfcl_simple_python.jsonl", "bfcl_live_simple.jsonl"];

/** How well a question's own tools are told from five foreign ones by how sure tier 0 is of the leading one. */
export async function* measureIrrelevance(embedder: Embedder): AsyncGenerator<Measurement> {
  const tier0 = new Tier0(createPrior(), { embedder, failed: () => {} });
  for (const file of FILES) {
    const cases = readCases(file);
    if (cases === undefined) {
      process.stderr.write(`skipped ${file}: it is not there; set FORERUN_DATA_DIR\n`);
      continue;
    }
    const pool = pooledTools(cases);
    const words = { own: [] as number[], foreign: [] as number[] };
    const meaning = { own: [] as number[], foreign: [] as number[] };
    for (const [at, one] of cases.entries()) {
      const sets = { own: one.tools, foreign: foreignTools(pool, one.tools, at) };
      for (const which of ["own", "foreign"] as const) {
        const [byWords, byMeaning] = await sureties(tier0, sets[which], questionOf(one));
        words[which].push(byWords);
        meaning[which].push(byMeaning);
      }
    }
    const told = ({ own, foreign }: typeof words) => areaUnderCurve(own, foreign);
    yield* compared(file.split(".")[0] ?? file, "own tools told from foreign", told(words), told(meaning));
  }
}

async function sureties(
  tier0: Tier0,
  tools: readonly ToolDefinition[],
  text: string,
): Promise<[number, number]> {
  const index = await tier0.register(tools);
  await tier0.embedded(index);
  const byWords = tier0.decide(index, askedAlone(text));
  const { signal } = new AbortController();
  const byMeaning = await tier0.decideByMeaning(index, askedAlone(text), signal);
  return [surety(byWords), surety(byMeaning ?? byWords)];
}
