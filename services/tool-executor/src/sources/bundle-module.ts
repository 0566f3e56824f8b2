import { createHash } from "node:crypto";
import { isBuiltin } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { BuildFailure, BuildResult, OnResolveResult, Plugin, PluginBuild } from "esbuild";

export type Bundle = {
  code: string;
  /** Hash of the code: equal sources give equal revisions, wherever they lie. */
  revision: string;
  /** Absolute paths of the files that went in. */
  inputs: string[];
};

/**
 * Joins a tool file with its local imports into one module, TypeScript or not. Packages stay outside, by their absolute
 * address, so that the module can be imported from anywhere. Throws ForerunError FR-E1402 with the place of a fault.
 */
export async function bundleModule(path: string): Promise<Bundle> {
  // Loaded on first use: a start without tool files does not pay for it.
  const { build } = await import("esbuild");
  const folder = dirname(path);
  try {
    const result = await build({
      entryPoints: [path],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "silent",
      // Neither a tsconfig.json on the way nor the folder's place changes what comes out.
      tsconfigRaw: {},
      define: { "import.meta.url": JSON.stringify(pathToFileURL(path).href) },
      plugins: [packagesOutside],
    });
    return bundleOf(result, folder);
  } catch (error) {
    throw buildFault(error);
  }
}

function bundleOf(result: BuildResult<{ write: false; metafile: true }>, folder: string): Bundle {
  const code = result.outputFiles[0]?.text ?? "";
  const inputs = Object.keys(result.metafile.inputs).map((input) => resolve(folder, input));
  return { code, revision: createHash("sha256").update(code).digest("base64url").slice(0, 22), inputs };
}

/** Packages that any tool file may import, installed beside it or not. */
const PROVIDED = /^(@forerun\/toolkit(\/|$)|zod$)/;
const RESOLVING = Symbol("resolving");

const packagesOutside: Plugin = {
  name: "packages-outside",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind === "entry-point" || pluginData === RESOLVING) return undefined;
      if (isBuiltin(path)) return { path, external: true };
      if (path.startsWith("@forerun/toolkit")) return provided(path);
      return resolvePackage(build, path, { kind, resolveDir, importer });
    });
  },
};

async function resolvePackage(
  build: PluginBuild,
  path: string,
  from: Pick<Parameters<PluginBuild["resolve"]>[1] & object, "kind" | "resolveDir" | "importer">,
): Promise<OnResolveResult> {
  const found = await build.resolve(path, { ...from, pluginData: RESOLVING });
  if (found.errors.length === 0 && found.path)
    return { path: pathToFileURL(found.path).href, external: true };
  return PROVIDED.test(path) ? provided(path) : { errors: found.errors };
}

function provided(path: string): OnResolveResult {
  return { path: import.meta.resolve(path), external: true };
}

function buildFault(error: unknown): ForerunError {
  const first = isBuildFailure(error) ? error.errors[0] : undefined;
  const place = first?.location
    ? `${first.location.file}:${first.location.line}:${first.location.column}: `
    : "";
  const reason = first?.text ?? (error instanceof Error ? error.message : String(error));
  return moduleFault(`${place}${reason}`, error);
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

export function moduleFault(reason: string, cause?: unknown): ForerunError {
  const fix = "mend the file and save it; it is loaded again at once";
  return new ForerunError("FR-E1402", "failed_precondition", reason, fix, { cause });
}
