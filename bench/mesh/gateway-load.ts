/**
 * What stands between a client and the model costs: the same streamed completion asked of the model itself and through each
 * gateway, all on one model that thinks for 150 ms. Forerun is asked for a turn without tools, which needs no decision of a
 * model; it keeps the turn in its store, which a plain gateway does not.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { DisposalStack } from "@forerun/runtime/disposal";
import { Agent } from "undici";
import { counted, type Measurement, quantile, summary } from "../measurement.ts";
import { cpuMs } from "../overhead/processes.ts";
import { type Gateway, PEERS } from "./gateways.ts";
import { line } from "./line.ts";

const ROUNDS = 5;
/** As long as the engines of those that are compiled as they run still compile; gently at first, as a cold one refuses a crowd. */
const WARM_UP = [
  { requests: 60, concurrent: 2 },
  { requests: 540, concurrent: 12 },
] as const;
const LEVELS = [
  { concurrent: 1, requests: 20 },
  { concurrent: 32, requests: 160 },
] as const;
/** Aims: added time to the first word against LiteLLM's, CPU of a request against Portkey's. */
const AT_MOST = { added: 0.1, cpu: 0.8 };

type Level = (typeof LEVELS)[number] & { ours: ReadonlyMap<string, Gateway> };
type Figures = { added: number[]; slowest: number[]; cpu: number[] };

/** `ours` by name, beside those of others that are installed. */
export async function* measureGateways(
  modelUrl: string,
  ours: ReadonlyMap<string, Gateway>,
): AsyncGenerator<Measurement> {
  await using resources = new DisposalStack();
  const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const gateways = new Map(ours);
  const agent = new Agent();
  resources.defer(() => agent.destroy());
  for (const gateway of gateways.values()) await warmUp(agent, gateway);
  for (const { name, install, start } of PEERS) {
    const gateway = await start(modelUrl, folder);
    if (!gateway) {
      yield counted("mesh", `${name} is not installed (${install})`, "gateways measured", 0);
      continue;
    }
    resources.use(gateway);
    try {
      await warmUp(agent, gateway);
      gateways.set(name, gateway);
    } catch (fault) {
      // One of others that answers nothing must not cost the figures of the rest.
      yield counted("mesh", `${name} does not work: ${fault}`, "gateways measured", 0);
    }
  }
  const model: Gateway = { url: modelUrl, pids: [], headers: {} };
  for (const level of LEVELS) yield* measureLevel(agent, model, gateways, { ...level, ours });
}

async function* measureLevel(
  agent: Agent,
  model: Gateway,
  gateways: ReadonlyMap<string, Gateway>,
  { concurrent, requests, ours }: Level,
): AsyncGenerator<Measurement> {
  const figures = new Map<string, Figures>(
    [...gateways.keys()].map((name) => [name, { added: [], slowest: [], cpu: [] }]),
  );
  for (let round = 0; round < ROUNDS; round++) {
    const bare = summary(await together(requests, concurrent, agent, model)).median;
    for (const [name, gateway] of gateways) {
      const before = cpuMs(gateway.pids);
      const firsts = await together(requests, concurrent, agent, gateway);
      const { median } = summary(firsts);
      const p99 = quantile(
        firsts.sort((a, b) => a - b),
        0.99,
      );
      figures.get(name)?.cpu.push((cpuMs(gateway.pids) - before) / requests);
      figures.get(name)?.added.push(median - bare);
      figures.get(name)?.slowest.push(p99 - bare);
    }
  }
  yield* report(figures, concurrent, ours);
}

function* report(
  figures: ReadonlyMap<string, Figures>,
  concurrent: number,
  ours: ReadonlyMap<string, Gateway>,
): Generator<Measurement> {
  const reference = (name: string, of: keyof Figures) => {
    const values = figures.get(name)?.[of];
    return values && summary(values).median;
  };
  const [litellm, portkey] = [reference("LiteLLM", "added"), reference("Portkey", "cpu")];
  for (const [name, { added, slowest, cpu }] of figures) {
    const label = `gateways, c=${concurrent} ${name}`;
    const aimed = ours.has(name);
    const toLitellm = { reference: litellm ?? 0, atMost: AT_MOST.added, of: "LiteLLM" };
    const toPortkey = { reference: portkey ?? 0, atMost: AT_MOST.cpu, of: "Portkey" };
    yield line(label, "added to the first word", added, aimed && litellm ? toLitellm : undefined);
    yield line(label, "added to the first word, p99", slowest);
    yield line(label, "CPU a request", cpu, aimed && portkey ? toPortkey : undefined);
  }
}

async function warmUp(agent: Agent, gateway: Gateway): Promise<void> {
  for (const { requests, concurrent } of WARM_UP) await together(requests, concurrent, agent, gateway);
}

async function together(
  requests: number,
  concurrent: number,
  agent: Agent,
  gateway: Gateway,
): Promise<number[]> {
  const taken: number[] = [];
  let left = requests;
  const worker = async () => {
    while (left-- > 0) taken.push(await firstWord(agent, gateway));
  };
  await Promise.all(Array.from({ length: concurrent }, worker));
  return taken;
}

const BODY = JSON.stringify({
  ...{ model: "scripted", stream: true, tool_choice: "none" },
  messages: [{ role: "user", content: "train departures from Oslo" }],
});

/** Milliseconds to the first word of one streamed completion, which is read to its end; being told to come again is part of them. */
async function firstWord(agent: Agent, gateway: Gateway): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const at = await tryOnce(agent, gateway);
    if (at !== undefined) return at - begun;
    await wait(AGAIN_MS);
  }
}

const AGAIN_MS = 20;

/** When its first word came; undefined where it was refused for the moment. */
async function tryOnce(agent: Agent, { url, headers }: Gateway): Promise<number | undefined> {
  const { origin, pathname } = new URL(`${url}/chat/completions`);
  const { statusCode, body } = await agent.request({
    ...{ origin, path: pathname, method: "POST" },
    headers: { "content-type": "application/json", authorization: "Bearer none", ...headers },
    body: BODY,
  });
  let [text, at] = ["", Number.NaN];
  for await (const chunk of body) {
    text += String(chunk);
    if (Number.isNaN(at) && /"content":\s*"[^"]/.test(text)) at = performance.now();
  }
  if (statusCode === 429) return undefined;
  if (statusCode !== 200 || Number.isNaN(at)) {
    throw new Error(`${url} answered ${statusCode}: ${text.slice(0, 300)}`);
  }
  return at;
}
