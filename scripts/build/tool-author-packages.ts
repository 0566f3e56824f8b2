import { readdirSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ROOT } from "./bundled.ts";

/** Where Node looks for packages from the executor's bundle. */
const PACKAGES = "node_modules";
const TOOLKIT = `${PACKAGES}/@forerun/toolkit`;
const ZOD = `${PACKAGES}/zod`;

/**
 * What a tool file may import, as entries of the executor's own bundle: both then have one toolkit and one zod, so that a
 * ToolFailure that a tool throws is one that the executor knows.
 */
export function authorEntries(): Record<string, string> {
  const toolkit = join(ROOT, "packages/toolkit/src");
  const modules = readdirSync(toolkit).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return {
    ...Object.fromEntries(
      modules.map((file) => [`${TOOLKIT}/${file.replace(/\.ts$/, "")}`, join(toolkit, file)]),
    ),
    [`${ZOD}/index`]: createRequire(import.meta.url)
      .resolve("zod")
      .replace(/index\.cjs$/, "index.js"),
  };
}

/** Makes packages of those entries, and puts esbuild beside them, which reads tool files: its program is that of this machine. */
export async function layAuthorPackages(folder: string): Promise<void> {
  await manifest(join(folder, TOOLKIT), { ".": "./define-tool.js", "./*": "./*.js" });
  await manifest(join(folder, ZOD), { ".": "./index.js" });
  await layEsbuild(folder);
}

async function manifest(folder: string, exports: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ type: "module", exports }, null, 2)}\n`);
}

async function layEsbuild(folder: string): Promise<void> {
  const from = dirname(createRequire(import.meta.url).resolve("esbuild/package.json"));
  const program = `@esbuild/${process.platform}-${process.arch}`;
  await copyPackage(from, join(folder, PACKAGES, "esbuild"), ["lib/main.js", "LICENSE.md"]);
  await copyPackage(join(from, "..", program), join(folder, PACKAGES, program), ["bin"]);
}

async function copyPackage(from: string, to: string, parts: readonly string[]): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const part of ["package.json", ...parts])
    await cp(join(from, part), join(to, part), { recursive: true });
}
