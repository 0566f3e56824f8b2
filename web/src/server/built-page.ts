import { readdirSync, readFileSync } from "node:fs";
import type { Bundle, BundledFile } from "./bundle.ts";

/** Stands in `dist/` in place of bundle.ts: the page has been bundled, and lies in `page/` beside the bundle of chat. */
export async function bundlePage(): Promise<Bundle> {
  const folder = new URL("./page/", import.meta.url);
  const names = readdirSync(folder);
  const file = (extension: string): BundledFile => {
    const name = names.find((candidate) => candidate.endsWith(extension));
    if (name === undefined) throw new Error(`page/ holds no ${extension} file`);
    return { name, bytes: readFileSync(new URL(name, folder)) };
  };
  return { script: file(".js"), style: file(".css") };
}
