import { Agent } from "undici";
import { streamOnce } from "../load/stream.ts";
import { counted, type Measurement, summary } from "../measurement.ts";
import { cpuMs } from "../overhead/processes.ts";
import type { MeshBench, Server } from "./candidates.ts";
import { line } from "./line.ts";
import { STORY } from "./story.ts";

const STREAMS = 100;
const ROUNDS = 3;
/** Live streams that one core should carry with the log on. */
const A_CORE = 250;

/** How long each stream took from its first word to its last, and how many arrived whole. */
type Round = { ms: number[]; whole: number };

/** Many answers at once: what they cost, whether a word is lost, and how much later than the model's own the last word comes. */
export async function* measureStreams({ modelUrl, one, mesh }: MeshBench): AsyncGenerator<Measurement> {
  const model = await streamAll(`${modelUrl}/chat/completions`, ofModel());
  const reference = summary(model.ms).median;
  yield line(`${STREAMS} streams, the model alone`, "first to last word", model.ms);
  for (const [name, server] of Object.entries({ "one process": one, mesh })) {
    const rounds: Round[] = [];
    const aCore: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { carried, streamed } = await carry(server);
      rounds.push(streamed);
      aCore.push(carried);
    }
    const label = `${STREAMS} streams, ${name}`;
    yield line(
      label,
      "first to last word",
      rounds.flatMap(({ ms }) => ms),
      { reference },
    );
    const whole = rounds.reduce((sum, round) => sum + round.whole, 0) / (ROUNDS * STREAMS);
    yield counted("mesh", label, "answers that arrived whole", whole);
    yield streamsACore(label, aCore);
  }
}

async function carry(server: Server): Promise<{ carried: number; streamed: Round }> {
  const [cpuBefore, begun] = [cpuMs(server.pids), performance.now()];
  const streamed = await streamAll(`${server.http}/chat`, { text: STORY.ask });
  const cores = (cpuMs(server.pids) - cpuBefore) / (performance.now() - begun);
  return { carried: STREAMS / cores, streamed };
}

function streamsACore(label: string, values: readonly number[]): Measurement {
  const spread = summary(values);
  return {
    ...{ bench: "mesh", case: label, metric: "live streams a core", unit: "", ...spread },
    ...{ reference: A_CORE, ratio: spread.median / A_CORE },
    ...{ aim: `>= ${A_CORE}`, met: spread.median >= A_CORE },
  };
}

async function streamAll(url: string, body: object): Promise<Round> {
  const agent = new Agent();
  try {
    const streamed = await Promise.all(Array.from({ length: STREAMS }, () => streamOnce(agent, url, body)));
    return {
      ms: streamed.map(({ wordMs }) => (wordMs.at(-1) ?? 0) - (wordMs[0] ?? 0)),
      whole: streamed.filter(({ text }) => text === STORY.text).length,
    };
  } finally {
    await agent.destroy();
  }
}

function ofModel(): object {
  return { model: "scripted", stream: true, messages: [{ role: "user", content: STORY.ask }] };
}
