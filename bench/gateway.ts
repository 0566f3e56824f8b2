/**
 * What each defence at the front costs: the same streamed completion asked of one process as it is, with tokens verified, with
 * quotas kept as well, and all of that through Envoy, in one run and in turn, beside gateways of others where they are installed.
 * Each keeps its turns in a Postgres and its quotas in a Redis, with a tenth of its traces on. Before that, what other tenants
 * notice of a noisy one.
 */
import { openGatewayBench } from "./gateway/candidates.ts";
import { measureNoise } from "./gateway/noise.ts";
import type { Measurement } from "./measurement.ts";
import { measureGateways } from "./mesh/gateway-load.ts";

export async function* run(): AsyncGenerator<Measurement> {
  for await (const measurement of measureAll()) yield { ...measurement, bench: "gateway" };
}

async function* measureAll(): AsyncGenerator<Measurement> {
  yield* measureNoise();
  await using bench = await openGatewayBench();
  yield* measureGateways(bench.modelUrl, bench.gateways);
}
