import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./bundled.ts";

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/** The licence texts of all packages that sources, by their paths from the root, were taken from. */
export async function licencesOf(sources: readonly string[]): Promise<string> {
  const folders = new Set(sources.flatMap((source) => PACKAGE.exec(source)?.[0] ?? []));
  const own = await licenceOf(ROOT, "forerun");
  const others = await Promise.all([...folders].sort().map((folder) => licenceOf(join(ROOT, folder))));
  return [own, ...others].join(`\n${"-".repeat(100)}\n\n`);
}

/** Throws for a package that says nothing of its licence: such a one may not be passed on. */
async function licenceOf(folder: string, as?: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  if (license === undefined && texts.length === 0) throw new Error(`${name} names no licence`);
  return [`${as ?? name} ${version}: ${license ?? "see below"}\n`, ...texts].join("\n");
}
