import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { buildSync } from "esbuild";
import { BUNDLED, BUNDLED_NAMES, type BundledName, ROOT } from "../build/bundled.ts";

const PICKED = /\b([A-Z][A-Z0-9_]+): true\b|\bENVIRONMENT\.shape\.([A-Z][A-Z0-9_]+)\b/g;

/** Whether there is an image of that name: a service's, or the migration's. */
export function isBundled(name: string): name is BundledName {
  return (BUNDLED_NAMES as readonly string[]).includes(name);
}

/** Variables that a process picks from those there are: `all` with its packages, `own` in its own folder. */
export type Reads = Readonly<{ all: ReadonlySet<string>; own: ReadonlySet<string> }>;

export type ReadsOf = (service: BundledName) => Reads;

/** Looks into the sources of each service once. */
export function openReads(): ReadsOf {
  const known = new Map<BundledName, Reads>();
  return (service) => {
    const reads = known.get(service) ?? readsIn(service);
    known.set(service, reads);
    return reads;
  };
}

/** Read out of the sources that make the service up, so that it cannot be forgotten here. Throws when they name nothing. */
function readsIn(service: BundledName): Reads {
  const files = sourcesOf(service);
  const own = files.filter((file) => file.startsWith(dirname(BUNDLED[service])));
  const reads = { all: picked(files), own: picked(own) };
  if (reads.all.size === 0) throw new Error(`${service} seems to read no variable`);
  return reads;
}

/** Our files that its main file imports, directly or through others. */
function sourcesOf(service: BundledName): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const { metafile } = buildSync({
    entryPoints: [BUNDLED[service]],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    metafile: true,
    external: [...Object.keys(dependencies), "onnxruntime-node"],
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs).filter((file) => /^(services|packages|cli)\//.test(file));
}

function picked(files: readonly string[]): Set<string> {
  const names = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(PICKED)].map(
      ([, pick, shape]) => pick ?? shape ?? "",
    ),
  );
  return new Set(names.filter((name) => name in ENVIRONMENT.shape));
}
