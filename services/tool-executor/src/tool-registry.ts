import type { ErrorCode } from "@forerun/runtime/error-catalog";
import { nearest } from "@forerun/runtime/nearest";
import { registryVersion } from "./definition-hash.ts";
import type { RegisteredTool } from "./registered-tool.ts";
import { RetiredTools } from "./retired-tools.ts";

/** A source that could not be loaded; what it offered before stays in use. */
export type BrokenSource = Readonly<{ source: string; code: ErrorCode; message: string }>;

/** Which source wins when two offer one name: the project's own files, then its packages, then what is built in. */
export type Rank = "built-in" | "package" | "file";

export type Snapshot = Readonly<{
  /** By name. */
  tools: readonly RegisteredTool[];
  version: string;
  broken: readonly BrokenSource[];
}>;

export type Lookup =
  | { kind: "found"; tool: RegisteredTool }
  | { kind: "unknown"; nearest: string | undefined }
  /** The definition that the caller saw is not held any more. */
  | { kind: "outdated" };

type Source = {
  rank: Rank;
  tools: readonly RegisteredTool[];
  fault: Omit<BrokenSource, "source"> | undefined;
};

const RANKS: readonly Rank[] = ["file", "package", "built-in"];

/** The tools in use. Sources put, break and remove theirs at any time; readers see one consistent snapshot. */
export class ToolRegistry {
  readonly #sources = new Map<string, Source>();
  readonly #enabled: (name: string) => boolean;
  readonly #retired: RetiredTools;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot = { tools: [], version: registryVersion([]), broken: [] };
  #byName = new Map<string, RegisteredTool>();

  constructor(options: { enabled(name: string): boolean; now(): number }) {
    this.#enabled = options.enabled;
    this.#retired = new RetiredTools(options.now);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Sets what a source offers, in place of what it offered before. */
  put(source: string, rank: Rank, tools: readonly RegisteredTool[]): void {
    this.#sources.set(source, { rank, tools, fault: undefined });
    this.#refresh();
  }

  /** Notes that a source cannot be loaded; its tools of before stay. */
  break(source: string, rank: Rank, fault: { code: ErrorCode; message: string }): void {
    this.#sources.set(source, { rank, tools: this.#sources.get(source)?.tools ?? [], fault });
    this.#refresh();
  }

  remove(source: string): void {
    if (this.#sources.delete(source)) this.#refresh();
  }

  /** The tool of a name, or the very definition of a hash even after it was replaced. */
  find(name: string, hash: string): Lookup {
    const current = this.#byName.get(name);
    if (current && (hash === "" || hash === current.hash)) return { kind: "found", tool: current };
    const retired = hash === "" ? undefined : this.#retired.find(name, hash);
    if (retired) return { kind: "found", tool: retired };
    return current ? { kind: "outdated" } : { kind: "unknown", nearest: nearest(name, this.#byName.keys()) };
  }

  /** The snapshot at once, then the latest one after each change; steps in between may be skipped. */
  async *watch(signal: AbortSignal): AsyncGenerator<Snapshot> {
    let seen: Snapshot | undefined;
    while (!signal.aborted) {
      if (seen !== this.#snapshot) {
        seen = this.#snapshot;
        yield seen;
      } else {
        await this.#change(signal);
      }
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#listeners.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#listeners.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  #refresh(): void {
    const { chosen, conflicts } = this.#choose();
    for (const [name, tool] of this.#byName) {
      if (chosen.get(name)?.hash !== tool.hash) this.#retired.add(tool);
    }
    this.#byName = chosen;
    const tools = [...chosen.values()].sort(byName);
    const broken = [...this.#faults(), ...conflicts];
    this.#snapshot = { tools, version: registryVersion(tools.map((tool) => tool.hash)), broken };
    for (const wake of [...this.#listeners]) wake();
  }

  #choose(): { chosen: Map<string, RegisteredTool>; conflicts: BrokenSource[] } {
    const chosen = new Map<string, RegisteredTool>();
    const conflicts: BrokenSource[] = [];
    for (const rank of RANKS) {
      const own = new Set<string>();
      for (const tool of this.#offered(rank)) {
        const { name } = tool.tool;
        if (!this.#enabled(name)) continue;
        const holder = chosen.get(name);
        if (holder && own.has(name)) conflicts.push(conflict(tool, holder));
        if (!holder) chosen.set(name, tool);
        own.add(name);
      }
    }
    return { chosen, conflicts };
  }

  #offered(rank: Rank): RegisteredTool[] {
    const sources = [...this.#sources].filter(([, source]) => source.rank === rank);
    return sources.sort(([left], [right]) => (left < right ? -1 : 1)).flatMap(([, source]) => source.tools);
  }

  #faults(): BrokenSource[] {
    return [...this.#sources].flatMap(([source, { fault }]) => (fault ? [{ source, ...fault }] : []));
  }
}

function conflict(tool: RegisteredTool, holder: RegisteredTool): BrokenSource {
  const message = `"${tool.tool.name}" is taken by ${holder.source}; rename one of the two`;
  return { source: tool.source, code: "FR-E1404", message };
}

function byName(left: RegisteredTool, right: RegisteredTool): number {
  return left.tool.name < right.tool.name ? -1 : 1;
}
