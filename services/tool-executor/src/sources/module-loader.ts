import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Tool } from "@forerun/toolkit";
import { checkTool } from "@forerun/toolkit/check-tool";
import { type Bundle, moduleFault } from "./bundle-module.ts";

/** A module that has not finished by then never will. */
const LOAD_TIMEOUT_MS = 5_000;

/** Imports bundled tool modules, as often as they change. Each version is a module of its own; Node keeps all of them. */
export class ModuleLoader implements AsyncDisposable {
  #folder: Promise<string> | undefined;
  #loads = 0;

  /** The tool that a module exports. Throws ForerunError FR-E1401 or FR-E1402. */
  async load({ code, revision }: Bundle): Promise<Tool> {
    // In a file, not a data: address, so that a stack trace can be read.
    const file = join(await this.#temporaryFolder(), `${revision}-${++this.#loads}.mjs`);
    await writeFile(file, code);
    const module = await imported(file);
    if (!("default" in module))
      throw moduleFault("it has no default export; write export default defineTool({…})");
    return checkTool(module.default);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const folder = await this.#folder;
    if (folder) await rm(folder, { recursive: true, force: true });
  }

  #temporaryFolder(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), "forerun-tools-"));
    return this.#folder;
  }
}

async function imported(file: string): Promise<Record<string, unknown>> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const reason = `it did not finish loading within ${LOAD_TIMEOUT_MS / 1000} s`;
    timer = setTimeout(() => reject(moduleFault(reason)), LOAD_TIMEOUT_MS);
  });
  try {
    return await Promise.race([import(/* @vite-ignore */ pathToFileURL(file).href), timeout]);
  } catch (error) {
    if (error instanceof Error && error.name === "ForerunError") throw error;
    throw moduleFault(
      `it throws while it is loaded: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  } finally {
    clearTimeout(timer);
  }
}
