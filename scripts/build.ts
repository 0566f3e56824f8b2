/** `npm run build [-- NAME…]`: a folder in `dist/` for each service, and one for the migration, that run with nothing but Node. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { buildBundle } from "./build/build-bundle.ts";
import { BUNDLED_NAMES, type BundledName, ROOT } from "./build/bundled.ts";

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BUNDLED_NAMES.includes(name as BundledName));
if (unknown.length > 0) {
  process.stderr.write(`✖ nothing is called ${unknown.join(", ")}; there are ${BUNDLED_NAMES.join(", ")}\n`);
  process.exit(2);
}
for (const name of asked.length > 0 ? (asked as BundledName[]) : BUNDLED_NAMES) {
  const folder = join(ROOT, "dist", name);
  await buildBundle(name, folder);
  process.stdout.write(`dist/${name.padEnd(16)}${(await bytesOfCode(folder)).toFixed(1)} MB\n`);
}

async function bytesOfCode(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".js"));
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}
