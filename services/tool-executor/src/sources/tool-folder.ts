import { relative, resolve } from "node:path";
import type { Logger } from "@forerun/runtime/logger";
import type { Registrar } from "../registered-tool.ts";
import type { ToolRegistry } from "../tool-registry.ts";
import { bundleModule } from "./bundle-module.ts";
import type { ModuleLoader } from "./module-loader.ts";
import { isToolFile, type Scan, scanFolder, stampOf } from "./scan-folder.ts";
import { sourceFault, unreadable } from "./source-fault.ts";

export type SourceDeps = Readonly<{
  registry: ToolRegistry;
  registrar: Registrar;
  loader: ModuleLoader;
  log: Logger;
}>;

/**
 * Looking is sure where being told is not: file events get lost on network and container mounts, and come in pieces when an
 * editor replaces a file. A look at a folder of a few files costs well under a millisecond.
 */
const LOOK_EVERY_MS = 250;

type ToolFile = {
  /** Stamps of all files that went into the version in use, or into the last try. */
  inputs: Map<string, string | undefined>;
  broken: boolean;
  loading: Promise<void> | undefined;
};

/** The watched folder of tool modules: a file that is added, changed or removed counts within a second. */
export class ToolFolder implements AsyncDisposable {
  readonly #folder: string;
  readonly #deps: SourceDeps;
  readonly #files = new Map<string, ToolFile>();
  #scan: Scan = new Map();
  #readable = true;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(folder: string, deps: SourceDeps) {
    this.#folder = resolve(folder);
    this.#deps = deps;
  }

  /** Loads what is there, then keeps looking. */
  async start(): Promise<void> {
    await this.#look();
    await Promise.all([...this.#files.values()].map((file) => file.loading));
    this.#schedule();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all([...this.#files.values()].map((file) => file.loading));
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().then(() => this.#schedule());
    }, LOOK_EVERY_MS).unref();
  }

  async #look(): Promise<void> {
    const scan = await this.#read();
    if (!scan) return;
    const somethingChanged = differ(scan, this.#scan);
    this.#scan = scan;
    for (const path of this.#files.keys()) {
      if (!scan.has(path)) this.#remove(path);
    }
    for (const path of scan.keys()) {
      if (!isToolFile(this.#folder, path)) continue;
      const file = this.#files.get(path) ?? { inputs: new Map(), broken: false, loading: undefined };
      this.#files.set(path, file);
      if (file.loading) continue;
      // A broken file may wait for any other, for example for an import that does not exist yet.
      if ((file.broken && somethingChanged) || (await this.#changed(file))) this.#load(path, file);
    }
  }

  async #read(): Promise<Scan | undefined> {
    try {
      const scan = await scanFolder(this.#folder);
      if (!this.#readable) this.#deps.registry.remove(FOLDER);
      this.#readable = true;
      return scan;
    } catch (error) {
      if (this.#readable) this.#report(FOLDER, unreadable("TOOLS_DIR cannot be read as a folder", error));
      this.#readable = false;
      return undefined;
    }
  }

  /** Also true of a file that was never loaded. */
  async #changed(file: ToolFile): Promise<boolean> {
    if (file.inputs.size === 0) return true;
    for (const [path, stamp] of file.inputs) {
      // Imports from outside the folder are no part of the scan.
      if ((this.#scan.get(path) ?? (await stampOf(path))) !== stamp) return true;
    }
    return false;
  }

  #load(path: string, file: ToolFile): void {
    // Stamps from before the files are read: a change from now on is seen at the next look.
    const seen = this.#scan;
    file.inputs = new Map([...file.inputs.keys(), path].map((input) => [input, seen.get(input)]));
    file.loading = this.#loaded(path, file, seen).finally(() => {
      file.loading = undefined;
    });
  }

  async #loaded(path: string, file: ToolFile, seen: Scan): Promise<void> {
    const { registry, registrar, loader, log } = this.#deps;
    const source = this.#sourceOf(path);
    try {
      const bundle = await bundleModule(path);
      const stamps = bundle.inputs.map(
        async (input) => [input, seen.get(input) ?? (await stampOf(input))] as const,
      );
      file.inputs = new Map(await Promise.all(stamps));
      const tool = await loader.load(bundle);
      const registered = registrar(tool, { source, revision: bundle.revision });
      file.broken = false;
      if (this.#files.get(path) !== file) return;
      registry.put(source, "file", [registered]);
      log.info({ source, tool: tool.name, hash: registered.hash }, "tool loaded");
    } catch (error) {
      file.broken = true;
      if (this.#files.get(path) === file) this.#report(source, error);
    }
  }

  #remove(path: string): void {
    const source = this.#sourceOf(path);
    this.#files.delete(path);
    this.#deps.registry.remove(source);
    this.#deps.log.info({ source }, "tool removed");
  }

  #sourceOf(path: string): string {
    return `file:${relative(this.#folder, path)}`;
  }

  #report(source: string, error: unknown): void {
    const fault = sourceFault(error);
    this.#deps.registry.break(source, "file", fault);
    this.#deps.log.warn({ source, code: fault.code, reason: fault.message }, "tool source broken");
  }
}

const FOLDER = "folder:TOOLS_DIR";

function differ(left: Scan, right: Scan): boolean {
  return left.size !== right.size || [...left].some(([path, stamp]) => right.get(path) !== stamp);
}
