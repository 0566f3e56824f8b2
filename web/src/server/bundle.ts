import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { stubValidation } from "./stub-validation.ts";

/** The page's script and style, each under a name that changes with its content. */
export type Bundle = { script: BundledFile; style: BundledFile };
export type BundledFile = { name: string; bytes: Uint8Array };

const entry = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Bundles the page for browsers of the last three years; takes some tenths of a second in a process of esbuild's own. */
export async function bundlePage(): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [
      { in: entry("app/main.tsx"), out: "app" },
      { in: entry("styles/page.css"), out: "page" },
    ],
    bundle: true,
    minify: true,
    write: false,
    outdir: "out",
    format: "esm",
    target: ["es2022"],
    platform: "browser",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "silent",
    plugins: [stubValidation],
  });
  const named = (extension: string): BundledFile => {
    const file = outputFiles.find(({ path }) => path.endsWith(extension));
    if (!file) throw new Error(`the bundle has no ${extension} file`);
    const hash = createHash("sha256").update(file.contents).digest("base64url").slice(0, 12);
    return { name: `page-${hash}${extension}`, bytes: file.contents };
  };
  return { script: named(".js"), style: named(".css") };
}
