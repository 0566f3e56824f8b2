import type { Embedder } from "@forerun/embeddings/embedder";
import { calibrationError } from "@forerun/router/calibration/calibration-error";
import type { Prior } from "@forerun/router/tier0/decision/draft";
import { createPrior } from "@forerun/router/tier0/decision/prior";
import type { Tier0Decision } from "@forerun/router/tier0/decision/tier0-decision";
import { Tier0 } from "@forerun/router/tier0/tier0";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { Measurement } from "../measurement.ts";
import { askedAlone } from "../routing/ask.ts";
import { questionOf, readCases, readIntents } from "../routing/data.ts";
import { fitPrior, type Half, intentsOf } from "../routing/fit/fit-prior.ts";
import { intentTools, OUT_OF_SCOPE, utterancesByIntent } from "../routing/intents.ts";
import { pooledTools } from "../routing/pooled-tools.ts";
import { areaUnderCurve } from "./area-under-curve.ts";
import { compared, figure } from "./figures.ts";

type Question = Readonly<{ text: string; wanted: string }>;
type Subject = Readonly<{
  label: string;
  tools: readonly ToolDefinition[];
  questions: readonly Question[];
  /** Questions that want none of the tools. */
  outside: readonly string[];
}>;

const CASES = ["bfcl_simple_python.jsonl", "bfcl_live_simple.jsonl"];
const INTENTS = "clinc150_dev.jsonl";
const EXAMPLES = [5, 10];
/** Utterances of an intent from here on are asked; those before may be examples. */
const FIRST_ASKED = 10;
const FIVE = 5;

/**
 * Which place the right tool gets, by words and by meaning: all tools of a public set pooled, and intents known by examples. What ships
 * was fitted to those intents, which may flatter its probabilities; "unseen" are intents that the prior has not met as tools.
 */
export async function* measureRanking(embedder: Embedder): AsyncGenerator<Measurement> {
  const by = (prior: Prior) => new Tier0(prior, { embedder, failed: () => {} });
  const shipped = by(createPrior());
  for (const subject of [...poolsOfTools(), ...intents("all", "")]) yield* measure(subject, shipped);
  if (readIntents(INTENTS) === undefined) return;
  const held = by(await fitPrior("even", embedder));
  for (const subject of intents("odd", ", unseen")) {
    yield* measure(subject, held);
    yield* measure({ ...subject, label: `${subject.label}, by what ships` }, shipped);
  }
}

function poolsOfTools(): Subject[] {
  return CASES.flatMap((file) => {
    const cases = readCases(file);
    if (cases === undefined) return missing(file);
    const tools = pooledTools(cases);
    const questions = cases.map((one) => ({
      text: questionOf(one),
      wanted: one.expected[0]?.name ?? "",
    }));
    return [{ label: `${file.split(".")[0]}, ${tools.length} tools pooled`, tools, questions, outside: [] }];
  });
}

function intents(half: Half, note: string): Subject[] {
  if (readIntents(INTENTS) === undefined) return missing(INTENTS);
  const cases = intentsOf(half);
  const outside = cases.filter(({ intent }) => intent === OUT_OF_SCOPE).map(({ text }) => text);
  const byIntent = utterancesByIntent(cases);
  const questions = [...byIntent].flatMap(([wanted, utterances]) =>
    utterances.slice(FIRST_ASKED).map((text) => ({ text, wanted })),
  );
  return EXAMPLES.map((count) => ({
    label: `${byIntent.size} intents, ${count} examples${note}`,
    tools: intentTools(byIntent, count),
    questions,
    outside,
  }));
}

function missing(file: string): [] {
  process.stderr.write(`skipped ${file}: it is not there; set FORERUN_DATA_DIR\n`);
  return [];
}

type Judgement = { probability: number; happened: boolean; weight: number };
type Places = { first: number; five: number; sure: number[]; outside: number[]; judged: Judgement[] };

async function* measure(
  { label, tools, questions, outside }: Subject,
  tier0: Tier0,
): AsyncGenerator<Measurement> {
  const index = await tier0.register(tools);
  await Promise.all([tier0.learnt(index), tier0.embedded(index)]);
  const { signal } = new AbortController();
  const words: Places = { first: 0, five: 0, sure: [], outside: [], judged: [] };
  const meaning: Places = { first: 0, five: 0, sure: [], outside: [], judged: [] };
  const decide = async (text: string): Promise<[Tier0Decision, Tier0Decision]> => {
    const byWords = tier0.decide(index, askedAlone(text));
    return [byWords, (await tier0.decideByMeaning(index, askedAlone(text), signal)) ?? byWords];
  };
  for (const { text, wanted } of questions) {
    const [byWords, byMeaning] = await decide(text);
    note(words, byWords, wanted);
    note(meaning, byMeaning, wanted);
  }
  for (const text of outside) {
    const [byWords, byMeaning] = await decide(text);
    noteOutside(words, byWords);
    noteOutside(meaning, byMeaning);
  }
  const all = questions.length;
  yield* compared(label, "right one first", words.first / all, meaning.first / all);
  yield* compared(label, "right one of five", words.five / all, meaning.five / all);
  if (outside.length === 0) return;
  const told = ({ sure, outside: unsure }: Places) => areaUnderCurve(sure, unsure);
  yield* compared(label, "out of scope told apart", told(words), told(meaning));
  yield figure(`${label}, by words`, "calibration error", calibrationError(words.judged));
  yield figure(`${label}, by meaning`, "calibration error", calibrationError(meaning.judged));
}

function note(places: Places, decision: Tier0Decision, wanted: string): void {
  const at = decision.ranking.indexOf(wanted);
  if (at === 0) places.first += 1;
  if (at >= 0 && at < FIVE) places.five += 1;
  const probability = surety(decision);
  places.sure.push(probability);
  places.judged.push({ probability, happened: at === 0, weight: 1 });
}

function noteOutside(places: Places, decision: Tier0Decision): void {
  const probability = surety(decision);
  places.outside.push(probability);
  places.judged.push({ probability, happened: false, weight: 1 });
}

/** How likely the leading tool is the wanted one; 0 where none stands out. */
export function surety({ drafts }: Tier0Decision): number {
  return drafts[0]?.pTool ?? 0;
}
