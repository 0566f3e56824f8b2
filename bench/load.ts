/**
 * One process under more than it is used to: a thousand answers at once, twice and ten times as many turns as it can do, and one
 * turn that calls twenty tools. The model is scripted and runs in a process of its own, the client is in this one, and all of
 * them share the machine's cores. `LOAD_SECONDS` lengthens the overloads; `LOAD_PARTS`, `LOAD_STORES` and `LOAD_STREAMS` choose.
 */
import { measureFanOut } from "./load/fan-out.ts";
import { measureOverload } from "./load/overload.ts";
import { type LoadBench, openLoadBench } from "./load/servers.ts";
import { SETTINGS } from "./load/settings.ts";
import { measureStreams } from "./load/streams.ts";
import type { Measurement } from "./measurement.ts";

type Part = (store: string, bench: LoadBench) => AsyncGenerator<Measurement>;

const PARTS: Record<string, Part> = {
  streams: measureStreams,
  overload: measureOverload,
  "fan-out": measureFanOut,
};

export async function* run(): AsyncGenerator<Measurement> {
  for (const store of SETTINGS.stores) {
    for (const part of SETTINGS.parts) {
      // Each on a server of its own, so that its memory is its own.
      await using bench = await openLoadBench(store);
      yield* PARTS[part]?.(store, bench) ?? [];
    }
  }
}
