import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { buildSync } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SERVICES = ["chat", "router", "tool-executor", "answer", "memory"] as const;
type ServiceName = (typeof SERVICES)[number];

const PICKED = /\b([A-Z][A-Z0-9_]+): true\b|\bENVIRONMENT\.shape\.([A-Z][A-Z0-9_]+)\b/g;

export function isServiceName(name: string): name is ServiceName {
  return (SERVICES as readonly string[]).includes(name);
}

/** Variables that a service's process picks from those there are: `all` with its packages, `own` in its own folder. */
export type Reads = Readonly<{ all: ReadonlySet<string>; own: ReadonlySet<string> }>;

export type ReadsOf = (service: ServiceName) => Reads;

/** Looks into the sources of each service once. */
export function openReads(): ReadsOf {
  const known = new Map<ServiceName, Reads>();
  return (service) => {
    const reads = known.get(service) ?? readsIn(service);
    known.set(service, reads);
    return reads;
  };
}

/** Read out of the sources that make the service up, so that it cannot be forgotten here. Throws when they name next to nothing. */
function readsIn(service: ServiceName): Reads {
  const files = sourcesOf(service);
  const own = files.filter((file) => file.startsWith(`services/${service}/`));
  const reads = { all: picked(files), own: picked(own) };
  if (reads.all.size < 8) throw new Error(`${service} seems to read ${reads.all.size} variables`);
  return reads;
}

/** Our files that its main file imports, directly or through others. */
function sourcesOf(service: ServiceName): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const { metafile } = buildSync({
    entryPoints: [`services/${service}/src/main.ts`],
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
  return Object.keys(metafile.inputs).filter((file) => /^(services|packages)\//.test(file));
}

function picked(files: readonly string[]): Set<string> {
  const names = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(PICKED)].map(
      ([, pick, shape]) => pick ?? shape ?? "",
    ),
  );
  return new Set(names.filter((name) => name in ENVIRONMENT.shape));
}
