import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { BUNDLED, type BundledName, ROOT } from "./bundled.ts";
import { chatPage } from "./chat-page.ts";
import { licencesOf } from "./licences.ts";
import { ownSources, type Threads } from "./own-sources.ts";
import { authorEntries, layAuthorPackages } from "./tool-author-packages.ts";

/** CommonJS packages in an ES module ask for Node's own modules by `require`. */
const BANNER = `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);`;

/** Loaded from beside the bundle where they are: a native runtime that few installations have, and a program of its own. */
const OUTSIDE = ["onnxruntime-node", "esbuild"];

/** Bundles one of `BUNDLED` into `folder`, which is emptied before: main.js runs there with nothing but Node. */
export async function buildBundle(name: BundledName, folder: string): Promise<void> {
  const authors = name === "tool-executor" ? authorEntries() : {};
  const { inputs } = await bundle({ main: join(ROOT, BUNDLED[name]), ...authors }, folder);
  // Without it Node takes a .js file for CommonJS.
  const manifest = { name: `@forerun/${name}`, private: true, type: "module" };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, "LICENSES.txt"), await licencesOf(Object.keys(inputs)));
  if (name === "chat") await chatPage(join(folder, "page"));
  if (name === "tool-executor") await layAuthorPackages(folder);
}

/** One build for all entries, so that a thread and its starter share what both need; again where a thread was found in it. */
async function bundle(
  entries: Readonly<Record<string, string>>,
  outdir: string,
  known: Threads = new Map(),
): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const threads: Threads = new Map();
  const { metafile } = await build({
    entryPoints: { ...entries, ...Object.fromEntries(known) },
    absWorkingDir: ROOT,
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    external: OUTSIDE,
    banner: { js: BANNER },
    plugins: [ownSources(threads)],
    logLevel: "warning",
  });
  return threads.size > known.size ? bundle(entries, outdir, threads) : metafile;
}
