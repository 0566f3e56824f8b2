import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@forerun/runtime/logger";
import type { ToolSet } from "./clients.ts";
import { createModelCatalog, type ModelCatalog } from "./model/model-catalog.ts";
import { settledWithin } from "./settled-within.ts";
import type { ToolIndex } from "./tier0/ranking/tool-index.ts";
import type { Tier0 } from "./tier0/tier0.ts";
import type { ToolDefinition } from "./tier0/tool-definition.ts";

/** The tools of one moment, read for both tiers. A turn keeps the one it started with. */
export type CatalogSnapshot = Readonly<{
  version: string;
  names: readonly string[];
  facts: ToolSet["facts"];
  models: ModelCatalog;
  /** An index over the named tools alone; all of them when the list is empty. */
  indexOf(allowed: readonly string[]): Promise<ToolIndex>;
}>;

const NO_TOOLS: ToolSet = { tools: [], facts: new Map(), version: "" };

type Watch = (signal: AbortSignal) => AsyncIterable<ToolSet>;
type Deps = Readonly<{
  watch: Watch;
  tier0: Tier0;
  log: Logger;
  /** Waits so long for the first tools, and for all that is to be learnt of them; moments unless it is given. */
  patienceMs?: number | undefined;
}>;

/** First and longest pause before the executor is asked again, in milliseconds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A turn waits so long for the first tools, then goes on without any. */
const FIRST_TOOLS_MS = 2_000;
/** New tools wait so long to be ranked by meaning too; those before them stand meanwhile. */
const EMBEDDED_MS = 1_000;
/** Indexes over allow-lists that are kept for reuse. */
const MOST_SUBSETS = 32;

/** Follows which tools exist and keeps them read for routing; reconnects for as long as it lives. */
export class ToolCatalog implements AsyncDisposable {
  readonly #deps: Deps;
  readonly #stop = new AbortController();
  readonly #first: Promise<void>;
  #noteFirst: () => void = () => {};
  readonly #following: Promise<void>;
  #snapshot: CatalogSnapshot | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#first = new Promise((resolve) => {
      this.#noteFirst = resolve;
    });
    this.#following = this.#follow();
  }

  /** The tools as they stand. Waits a moment for the first ones; without an executor there are none. */
  async current(signal: AbortSignal): Promise<CatalogSnapshot> {
    const { patienceMs = FIRST_TOOLS_MS } = this.#deps;
    if (this.#snapshot === undefined) await settledWithin(this.#first, patienceMs, signal);
    return this.#snapshot ?? (await readTools(NO_TOOLS, this.#deps.tier0, signal));
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      let heard = false;
      try {
        for await (const tools of this.#deps.watch(signal)) {
          const snapshot = await readTools(tools, this.#deps.tier0, signal);
          await this.#learn(await snapshot.indexOf([]), signal);
          this.#snapshot = snapshot;
          this.#noteFirst();
          pause = FIRST_PAUSE_MS;
          heard = true;
        }
      } catch (fault) {
        if (signal.aborted) return;
        const fields = { err: fault, retry_ms: Math.round(pause) };
        // Connections have an age: a watch that ends after it has told something is worth no warning until the next one fails.
        if (heard) this.#deps.log.debug(fields, "the watch of tools ended");
        else this.#deps.log.warn(fields, "tools cannot be watched");
      }
      // Between half and all of the pause, so that replicas do not come back together.
      await delay(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    }
  }

  async #learn(index: ToolIndex, signal: AbortSignal): Promise<void> {
    const { tier0, patienceMs } = this.#deps;
    await settledWithin(tier0.embedded(index), patienceMs ?? EMBEDDED_MS, signal);
    if (patienceMs !== undefined) await settledWithin(tier0.learnt(index), patienceMs, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }
}

/** Reads a set of tools for both tiers. */
export async function readTools(set: ToolSet, tier0: Tier0, signal?: AbortSignal): Promise<CatalogSnapshot> {
  const all = await tier0.register(set.tools, signal);
  const subsets = new Map<string, Promise<ToolIndex>>();
  return {
    version: set.version,
    names: set.tools.map((tool) => tool.name),
    facts: set.facts,
    models: createModelCatalog(set.tools, tier0.validator),
    async indexOf(allowed) {
      if (allowed.length === 0) return all;
      const key = JSON.stringify([...new Set(allowed)].sort());
      const known = subsets.get(key);
      if (known !== undefined) return known;
      const made = tier0.register(chosen(set.tools, allowed));
      if (subsets.size >= MOST_SUBSETS) subsets.clear();
      subsets.set(key, made);
      return made;
    },
  };
}

function chosen(tools: readonly ToolDefinition[], allowed: readonly string[]): ToolDefinition[] {
  const names = new Set(allowed);
  return tools.filter((tool) => names.has(tool.name));
}
