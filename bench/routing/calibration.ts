import { calibrationError } from "@forerun/router/calibration/calibration-error";
import { atThreshold } from "@forerun/router/calibration/choose-threshold";
import { fitCalibration } from "@forerun/router/calibration/fit-calibration";
import { turnJudge } from "@forerun/router/calibration/judge-turn";
import { forecastsOf, type JudgedTurn, weightsFor } from "@forerun/router/calibration/judged-turn";
import type { LabelledTurn } from "@forerun/router/calibration/labelled-turn";
import { createPrior, withHeads } from "@forerun/router/tier0/decision/prior";
import type { ToolIndex } from "@forerun/router/tier0/ranking/tool-index";
import { Tier0 } from "@forerun/router/tier0/tier0";
import { counted, type Measurement } from "../measurement.ts";
import { readIntents } from "./data.ts";
import { intentTools, OUT_OF_SCOPE, utterancesByIntent } from "./intents.ts";

const INTENTS = "clinc150_dev.jsonl";
const EXAMPLES = [5, 10];
const PROMISED = 0.95;
/** Share of out-of-scope turns that the calibration expects, and those it then meets. */
const EXPECTED_SHARE = 0.1;
const MET_SHARES = [0.1, 0.3];
const clock = { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" };

/** What a calibration promises, fitted to one half of an intent set, and what comes of it on the other half. */
export async function* measureCalibration(): AsyncGenerator<Measurement> {
  const cases = readIntents(INTENTS);
  if (cases === undefined) {
    process.stderr.write(`skipped the calibration: ${INTENTS} is not there; set FORERUN_DATA_DIR\n`);
    return;
  }
  const byIntent = utterancesByIntent(cases);
  const outside = cases.filter(({ intent }) => intent === OUT_OF_SCOPE).map(({ text }) => turn(text));
  for (const examples of EXAMPLES) {
    const tools = intentTools(byIntent, examples);
    const inside = [...byIntent].flatMap(([intent, texts]) =>
      texts.slice(Math.max(...EXAMPLES)).map((text) => turn(text, intent)),
    );
    const turns = [...inside, ...outside];
    const options = {
      prior: createPrior(),
      tools,
      embedder: undefined,
      clock,
      signal: new AbortController().signal,
      outOfScopeShare: EXPECTED_SHARE,
      promised: PROMISED,
    };
    const { heads, skip, turns: counts } = await fitCalibration(half(turns, 0), options);
    const label = `${byIntent.size} intents, ${examples} examples`;
    yield figure(label, "promised precision", PROMISED);
    yield figure(label, "expected coverage", skip?.coverage ?? 0);
    const tier0 = new Tier0(options.prior);
    const index = await tier0.register(tools);
    await tier0.learnt(index);
    const judge = turnJudge(
      withHeads(options.prior, "words", heads),
      { turns: counts.by_tool, rankedBy: "words" },
      clock,
    );
    for (const share of MET_SHARES) {
      const judged = judgeAll(half(turns, 1), index, share, judge);
      const met = skip === null ? undefined : atThreshold(judged, skip.threshold);
      const place = `${label}, ${100 * share} % out of scope`;
      yield figure(place, "calibration error", calibrationError(forecastsOf(judged)));
      yield {
        ...figure(place, "precision above the threshold", met?.precision ?? 0),
        // The promise is put to the test where another share comes than was expected.
        ...(share !== EXPECTED_SHARE && aim(met?.precision)),
      };
      yield figure(place, "coverage", met?.coverage ?? 0);
    }
  }
}

function turn(text: string, intent?: string): LabelledTurn {
  const wanted = intent === undefined ? [] : [intent];
  return {
    text,
    history: [],
    tools: undefined,
    wanted,
    isRight: (calls) => calls.length === wanted.length && calls.every(({ name }) => name === intent),
  };
}

function half<T>(all: readonly T[], which: 0 | 1): T[] {
  return all.filter((_, at) => at % 2 === which);
}

function judgeAll(
  turns: readonly LabelledTurn[],
  index: ToolIndex,
  share: number,
  judge: ReturnType<typeof turnJudge>,
): JudgedTurn[] {
  const outOfScope = turns.filter(({ wanted }) => wanted.length === 0).length;
  const weights = weightsFor({ inScope: turns.length - outOfScope, outOfScope }, share);
  return turns.map((one) => {
    const weight = one.wanted.length > 0 ? weights.inScope : weights.outOfScope;
    return judge({ turn: one, index, weight });
  });
}

function aim(precision: number | undefined) {
  return { aim: `≥ ${PROMISED}`, met: precision !== undefined && precision >= PROMISED };
}

function figure(label: string, metric: string, value: number): Measurement {
  return counted("tier0", label, metric, value);
}
