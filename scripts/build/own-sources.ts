import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Plugin } from "esbuild";
import { ROOT } from "./bundled.ts";

/** Sources that a bundle has something else for: the page is built by then, and the mesh keeps its schemas on Postgres. */
const IN_PLACE_OF: Readonly<Record<string, string>> = {
  "web/src/server/bundle.ts": "web/src/server/built-page.ts",
  "packages/db/src/embedded.ts": "packages/db/src/embedded-left-out.ts",
};

const THREAD = /new URL\("(\.[^"]*\/[^"]+)\.ts", import\.meta\.url\)/g;
const REQUIRED = /createRequire\(import\.meta\.url\)\(/g;

/** Threads that sources start: the name of each one's file in the bundle, and its source. */
export type Threads = Map<string, string>;

/**
 * Reads our sources as a bundle needs them. A thread's file is named by its address: that becomes the address of its bundle, which
 * `threads` is told of. What is required where it is used becomes a require that esbuild follows.
 */
export function ownSources(threads: Threads): Plugin {
  return {
    name: "own-sources",
    setup(build) {
      build.onLoad({ filter: /\/(packages|services|cli|web)\/.*\.ts$/ }, async ({ path }) => {
        if (path.includes("/node_modules/")) return undefined;
        const source = join(ROOT, IN_PLACE_OF[relative(ROOT, path)] ?? relative(ROOT, path));
        const text = await readFile(source, "utf8");
        const contents = text
          .replace(THREAD, (_, neighbour: string) => {
            const thread = join(dirname(source), `${neighbour}.ts`);
            const name = relative(ROOT, thread).replace(/\.ts$/, "").replaceAll("/", "-");
            threads.set(name, thread);
            return `new URL("./${name}.js", import.meta.url)`;
          })
          .replace(REQUIRED, "require(");
        return { contents, loader: "ts", resolveDir: dirname(source) };
      });
    },
  };
}
