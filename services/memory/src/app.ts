import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import type { Database } from "@forerun/db/database";
import { openHost, type Running } from "@forerun/host/open-host";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import { memoryPlace } from "./config.ts";
import { memoryHandlers } from "./service.ts";
import { openMemoryStore } from "./store/open-store.ts";

/** The service over a store that it closes when it is disposed. */
export function createMemory(deps: { db: Database }): App {
  return {
    bindings: [bind(MemoryService, memoryHandlers(deps.db))],
    [Symbol.asyncDispose]: () => deps.db[Symbol.asyncDispose](),
  };
}

/** The service as a process of its own. Throws ForerunError when configuration or store do not allow it. */
export async function start(environment: Environment): Promise<Running> {
  const place = memoryPlace(environment);
  const host = await openHost("memory", environment);
  const db = await openMemoryStore(place, host.log);
  return host.serve(createMemory({ db }));
}
