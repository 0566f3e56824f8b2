import type { RegisteredTool } from "./registered-tool.ts";

/** No turn lasts longer, so none holds a definition that was replaced earlier. */
const KEPT_MS = 3_600_000;
/** A file that is saved every second all day must not fill the memory. */
const MAX_KEPT = 64;

/** Definitions that were replaced or removed while a turn may still hold them. */
export class RetiredTools {
  readonly #now: () => number;
  readonly #byHash = new Map<string, { tool: RegisteredTool; since: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  add(tool: RegisteredTool): void {
    // Out and in again, so that the map's order is the order of retirement.
    this.#byHash.delete(tool.hash);
    this.#byHash.set(tool.hash, { tool, since: this.#now() });
    for (const [hash, { since }] of this.#byHash) {
      if (this.#byHash.size <= MAX_KEPT && this.#now() - since < KEPT_MS) break;
      this.#byHash.delete(hash);
    }
  }

  find(name: string, hash: string): RegisteredTool | undefined {
    const kept = this.#byHash.get(hash);
    const usable = kept && kept.tool.tool.name === name && this.#now() - kept.since < KEPT_MS;
    return usable ? kept.tool : undefined;
  }
}
