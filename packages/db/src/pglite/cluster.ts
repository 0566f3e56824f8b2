import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";

/**
 * PGlite's own parameters (they replace its defaults, so these are repeated) and ours: small buffers keep a process near 250 MB,
 * jit and parallel workers only cost here.
 */
export function startParams(settings: Readonly<Record<string, string>>): string[] {
  const all = { shared_buffers: "16MB", jit: "off", ...settings };
  return [
    ...PGlite.defaultStartParams,
    ...Object.entries(all).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
  ];
}

/**
 * Makes sure that `dir` holds an initialised cluster. Initialising takes seconds, copying a tenth of one: the first cluster
 * of an installation is made once beside its packages, and every data folder starts as a copy of it. `dir` appears whole or
 * not at all, whenever the process dies.
 */
export async function ensureCluster(dir: string): Promise<void> {
  if (existsSync(join(dir, "PG_VERSION"))) return;
  const fresh = `${dir}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const template = templateDir();
  if (await ensureTemplate(template)) cpSync(template, fresh, { recursive: true });
  else await initialise(fresh);
  renameSync(fresh, dir);
}

/** False where the installation is read-only. */
async function ensureTemplate(template: string): Promise<boolean> {
  if (existsSync(template)) return true;
  const fresh = `${template}.${process.pid}`;
  try {
    mkdirSync(dirname(template), { recursive: true });
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh);
  } catch {
    return false;
  }
  await initialise(fresh);
  try {
    renameSync(fresh, template);
  } catch {
    // Another process was first.
    rmSync(fresh, { recursive: true, force: true });
  }
  return existsSync(template);
}

async function initialise(dir: string): Promise<void> {
  const db = await PGlite.create({ dataDir: dir, startParams: startParams({}) });
  await db.exec("checkpoint");
  await db.close();
}

function templateDir(): string {
  const module = dirname(fileURLToPath(import.meta.resolve("@electric-sql/pglite")));
  const { version } = JSON.parse(readFileSync(join(module, "../package.json"), "utf8")) as {
    version: string;
  };
  return join(module, "../../../.cache/forerun", `pglite-${version}`);
}
