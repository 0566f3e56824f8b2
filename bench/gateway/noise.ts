import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, ask, openClient } from "../../tests/faults/gateway/ask.ts";
import { startEcho } from "../../tests/faults/gateway/echo.ts";
import { openStand } from "../../tests/faults/gateway/stand.ts";
import { counted, type Measurement, quantile, summary } from "../measurement.ts";
import { line } from "../mesh/line.ts";
import { startCandidate } from "../overhead/processes.ts";

const LIMIT_A_SECOND = 20;
const NOISE = 50;
const ROUNDS = 5;
const ROUND_MS = 4_000;
/** Below the limit, for each of the others. */
const OTHERS = ["ada", "bob", "cy", "dee"];
const EVERY_MS = 15;
const AT_MOST = 1.2;

/**
 * What other tenants notice of one that asks fifty times as often as it may. Its client and whoever refuses it take a machine's
 * time wherever that is, so the reference is the same noise at another gateway beside theirs; the quiet figure stands by it.
 */
export async function* measureNoise(): AsyncGenerator<Measurement> {
  await using echo = await startEcho();
  await using stand = await openStand({
    ...{ replicas: 2, shared: true },
    upstream: { http: [`127.0.0.1:${echo.http}`], grpc: [`127.0.0.1:${echo.grpc}`] },
    limits: { rate: { default: { requests: LIMIT_A_SECOND, window: "second" } } },
  });
  const [url = "", besides = ""] = stand.gateways.map((gateway) => gateway.url);
  const tokens = OTHERS.map((tenant) => stand.issuer.token(tenant));
  const figures = { quiet: [] as number[], besides: [] as number[], noisy: [] as number[] };
  let refused = 0;
  await othersAsk(url, tokens);
  for (let round = 0; round < ROUNDS; round++) {
    const noiseAt = async (at: string) => {
      const noise = [at, stand.issuer.token("noisy"), String(NOISE * LIMIT_A_SECOND)];
      await using _noisy = await startCandidate(["bench/gateway/noisy-tenant.ts", ...noise], {});
      return othersAsk(url, tokens);
    };
    const answers = {
      quiet: await othersAsk(url, tokens),
      besides: await noiseAt(besides),
      noisy: await noiseAt(url),
    };
    for (const kind of ["quiet", "besides", "noisy"] as const) figures[kind].push(p99(answers[kind]));
    refused += Object.values(answers)
      .flat()
      .filter(({ status }) => status !== 200).length;
  }
  const reference = summary(figures.besides).median;
  yield line("others, no noise", "p99", figures.quiet);
  yield line("others, noise at another gateway", "p99", figures.besides);
  yield line(`others, one tenant at ${NOISE} ×`, "p99", figures.noisy, {
    reference,
    atMost: AT_MOST,
    of: "noise elsewhere",
  });
  yield counted("gateway", `others, one tenant at ${NOISE} ×`, "refusals", refused);
}

/** All others in turn, at a pace that none of them is refused for. */
async function othersAsk(url: string, tokens: readonly string[]): Promise<Answer[]> {
  const agent = openClient();
  const asked: Promise<Answer>[] = [];
  const until = performance.now() + ROUND_MS;
  for (let at = 0; performance.now() < until; at++) {
    asked.push(ask({ url, agent, token: tokens[at % tokens.length] ?? "" }));
    await sleep(EVERY_MS);
  }
  const answers = await Promise.all(asked);
  agent.destroy();
  return answers;
}

function p99(answers: readonly Answer[]): number {
  return quantile(
    answers.map(({ ms }) => ms).sort((a, b) => a - b),
    0.99,
  );
}
