import type { Embedder } from "@forerun/embeddings/embedder";
import { createPrior } from "@forerun/router/tier0/decision/prior";
import type { Tier0Decision } from "@forerun/router/tier0/decision/tier0-decision";
import { Tier0 } from "@forerun/router/tier0/tier0";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { Measurement } from "../measurement.ts";
import { askedAlone } from "../routing/ask.ts";
import { type IntentCase, questionOf, readCases, readIntents } from "../routing/data.ts";
import { seededShuffle } from "../routing/shuffle.ts";
import { areaUnderCurve } from "./area-under-curve.ts";

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
const OUT_OF_SCOPE = "oos";
const EXAMPLES = [5, 10];
/** Utterances of an intent from here on are asked; those before may be examples. */
const FIRST_ASKED = 10;
const FIVE = 5;

/** Which place the right tool gets, by words and by meaning: all tools of a public set pooled, and intents known by examples. */
export async function* measureRanking(embedder: Embedder): AsyncGenerator<Measurement> {
  const tier0 = new Tier0(createPrior(), { embedder, failed: () => {} });
  for (const subject of [...pooledTools(), ...intents()]) yield* measure(subject, tier0);
}

function pooledTools(): Subject[] {
  return CASES.flatMap((file) => {
    const cases = readCases(file);
    if (cases === undefined) return missing(file);
    const tools = [...new Map(cases.flatMap((one) => one.tools).map((tool) => [tool.name, tool])).values()];
    const questions = cases.map((one) => ({
      text: questionOf(one),
      wanted: one.expected[0]?.name ?? "",
    }));
    return [{ label: `${file.split(".")[0]}, ${tools.length} tools pooled`, tools, questions, outside: [] }];
  });
}

function intents(): Subject[] {
  const cases = readIntents(INTENTS);
  if (cases === undefined) return missing(INTENTS);
  const outside = cases.filter(({ intent }) => intent === OUT_OF_SCOPE).map(({ text }) => text);
  const inside = seededShuffle(
    cases.filter(({ intent }) => intent !== OUT_OF_SCOPE),
    7,
  );
  const byIntent = [...utterancesByIntent(inside)];
  const questions = byIntent.flatMap(([wanted, utterances]) =>
    utterances.slice(FIRST_ASKED).map((text) => ({ text, wanted })),
  );
  return EXAMPLES.map((count) => ({
    label: `${byIntent.length} intents, ${count} examples`,
    tools: byIntent.map(([name, utterances]) => ({
      name,
      description: "",
      input_schema: {},
      trusted: true,
      examples: utterances.slice(0, count).map((text) => ({ text, arguments: {} })),
    })),
    questions,
    outside,
  }));
}

function utterancesByIntent(cases: readonly IntentCase[]): Map<string, string[]> {
  const byIntent = new Map<string, string[]>();
  for (const { text, intent } of cases) byIntent.set(intent, [...(byIntent.get(intent) ?? []), text]);
  return byIntent;
}

function missing(file: string): [] {
  process.stderr.write(`skipped ${file}: it is not there; set FORERUN_DATA_DIR\n`);
  return [];
}

type Places = { first: number; five: number; sure: number[]; outside: number[] };

async function* measure(
  { label, tools, questions, outside }: Subject,
  tier0: Tier0,
): AsyncGenerator<Measurement> {
  const index = await tier0.register(tools);
  await Promise.all([tier0.learnt(index), tier0.embedded(index)]);
  const { signal } = new AbortController();
  const words: Places = { first: 0, five: 0, sure: [], outside: [] };
  const meaning: Places = { first: 0, five: 0, sure: [], outside: [] };
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
    words.outside.push(surety(byWords));
    meaning.outside.push(surety(byMeaning));
  }
  const all = questions.length;
  yield* compared(label, "right one first", words.first / all, meaning.first / all);
  yield* compared(label, "right one of five", words.five / all, meaning.five / all);
  if (outside.length === 0) return;
  const told = ({ sure, outside: unsure }: Places) => areaUnderCurve(sure, unsure);
  yield* compared(label, "out of scope told apart", told(words), told(meaning));
}

function note(places: Places, decision: Tier0Decision, wanted: string): void {
  const at = decision.ranking.indexOf(wanted);
  if (at === 0) places.first += 1;
  if (at >= 0 && at < FIVE) places.five += 1;
  places.sure.push(surety(decision));
}

function surety({ drafts }: Tier0Decision): number {
  return drafts[0]?.pTool ?? 0;
}

function* compared(label: string, metric: string, words: number, meaning: number): Generator<Measurement> {
  const figure = { bench: "embeddings", metric, unit: "share", reps: 1 };
  const byWords = {
    median: words,
    min: words,
    max: words,
    reference: null,
    ratio: null,
    aim: null,
    met: null,
  };
  yield { ...figure, case: `${label}, by words`, ...byWords };
  const byMeaning = { median: meaning, min: meaning, max: meaning, reference: words, ratio: meaning / words };
  yield { ...figure, case: `${label}, by meaning`, ...byMeaning, aim: "≥ words", met: meaning >= words };
}
