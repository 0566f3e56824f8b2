import { createHash } from "node:crypto";
import { setImmediate as nextTick } from "node:timers/promises";
import type { Lexicon } from "./lexicon/lexicon.ts";
import { type CompiledTool, compileTool } from "./ranking/compiled-tool.ts";
import { buildToolIndex, type ToolIndex } from "./ranking/tool-index.ts";
import type { ToolDefinition } from "./tool-definition.ts";

/** Longest stretch of compiling before other work gets its turn, in milliseconds. */
const SLICE_MS = 5;
/** Compiled tools kept beyond the current set, for definitions that come back. */
const MOST_KEPT = 20_000;

/** Builds indexes over tool definitions; a definition is compiled once, however often it appears. */
export class Registry {
  readonly #lexicon: Lexicon;
  readonly #compiled = new Map<string, CompiledTool>();

  constructor(lexicon: Lexicon) {
    this.#lexicon = lexicon;
  }

  /** An index over the tools; yields to the event loop while compiling. Of two tools of one name the later stands. */
  async index(tools: readonly ToolDefinition[], signal?: AbortSignal): Promise<ToolIndex> {
    const compiled: CompiledTool[] = [];
    let started = performance.now();
    for (const tool of distinct(tools)) {
      compiled.push(this.#compile(tool));
      if (performance.now() - started < SLICE_MS) continue;
      await nextTick();
      signal?.throwIfAborted();
      started = performance.now();
    }
    return buildToolIndex(compiled);
  }

  #compile(tool: ToolDefinition): CompiledTool {
    const key = createHash("sha1").update(JSON.stringify(tool)).digest("base64");
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const compiled = compileTool(tool, this.#lexicon);
    if (this.#compiled.size >= MOST_KEPT) this.#compiled.clear();
    this.#compiled.set(key, compiled);
    return compiled;
  }
}

function distinct(tools: readonly ToolDefinition[]): Iterable<ToolDefinition> {
  return new Map(tools.map((tool) => [tool.name, tool])).values();
}
