/**
 * What each defence at the front costs: the same streamed completion asked of one process as it is, with tokens verified, with
 * quotas kept as well, and all of that through Envoy, in one run and in turn, beside gateways of others where they are installed.
 * Each keeps its turns in a Postgres and its quotas in a Redis, with a tenth of its traces on.
 */
import { openGatewayBench } from "./gateway/candidates.ts";
import type { Measurement } from "./measurement.ts";
import { measureGateways } from "./mesh/gateway-load.ts";

export async function* run(): AsyncGenerator<Measurement> {
  await using bench = await openGatewayBench();
  for await (const measurement of measureGateways(bench.modelUrl, bench.gateways)) {
    yield { ...measurement, bench: "gateway" };
  }
}
