import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { z } from "zod";
import type { RegisteredTool } from "../registered-tool.ts";
import { bundleModule } from "./bundle-module.ts";
import { sourceFault, unreadable } from "./source-fault.ts";
import type { SourceDeps } from "./tool-folder.ts";

const MANIFEST = z.object({
  name: z.string().default(""),
  dependencies: z.record(z.string(), z.unknown()).default({}),
  optionalDependencies: z.record(z.string(), z.unknown()).default({}),
  forerun: z.unknown().optional(),
});
type Manifest = z.output<typeof MANIFEST>;

const ENTRY = z.strictObject({ tools: z.array(z.string()) });

/** Loads the tools that the project and its installed dependencies name in package.json: `"forerun": {"tools": ["./x.ts"]}`. */
export async function loadPackageTools(projectDir: string, deps: SourceDeps): Promise<void> {
  const project = await readManifest(resolve(projectDir));
  if (!project) return;
  const names = Object.keys({ ...project.manifest.dependencies, ...project.manifest.optionalDependencies });
  const installed = await Promise.all(names.map((name) => findPackage(resolve(projectDir), name)));
  const packages = [project, ...installed].filter((each) => each?.manifest.forerun !== undefined);
  await Promise.all(packages.map((each) => each && loadPackage(each, deps)));
}

type Package = { folder: string; manifest: Manifest };

async function loadPackage({ folder, manifest }: Package, deps: SourceDeps): Promise<void> {
  const source = `package:${manifest.name}`;
  const loaded: RegisteredTool[] = [];
  let fault: ReturnType<typeof sourceFault> | undefined;
  try {
    for (const path of toolPaths(folder, manifest.forerun)) {
      const bundle = await bundleModule(path);
      loaded.push(deps.registrar(await deps.loader.load(bundle), { source, revision: bundle.revision }));
    }
  } catch (error) {
    fault = sourceFault(error);
  }
  deps.registry.put(source, "package", loaded);
  if (!fault) return;
  deps.registry.break(source, "package", fault);
  deps.log.warn({ source, code: fault.code, reason: fault.message }, "tool source broken");
}

/** Absolute paths of the modules; throws ForerunError FR-E1405 for an entry that is not one, or that leads outside. */
function toolPaths(folder: string, entry: unknown): string[] {
  const parsed = ENTRY.safeParse(entry);
  if (!parsed.success)
    throw unreadable('"forerun" in package.json is not {"tools": ["./path.ts"]}', "bad entry");
  return parsed.data.tools.map((path) => {
    const absolute = resolve(folder, path);
    const inside = relative(folder, absolute);
    if (!inside || inside.startsWith("..") || isAbsolute(inside)) {
      throw unreadable(`"${path}" in package.json leads out of its package`, "outside");
    }
    return absolute;
  });
}

/** As Node finds it: node_modules of the folder, then of those above. */
async function findPackage(from: string, name: string): Promise<Package | undefined> {
  const found = await readManifest(join(from, "node_modules", name));
  if (found) return found;
  const above = dirname(from);
  return above === from ? undefined : findPackage(above, name);
}

/** Undefined for a folder without a package.json that can be read. */
async function readManifest(folder: string): Promise<Package | undefined> {
  try {
    const parsed = MANIFEST.safeParse(JSON.parse(await readFile(join(folder, "package.json"), "utf8")));
    return parsed.success ? { folder, manifest: parsed.data } : undefined;
  } catch {
    return undefined;
  }
}
