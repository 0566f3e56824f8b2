import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundlePage } from "@forerun/web/server/bundle";

/** Lays the page's script and style into `folder`, where built-page.ts looks for them. */
export async function chatPage(folder: string): Promise<void> {
  const { script, style } = await bundlePage();
  await mkdir(folder, { recursive: true });
  await Promise.all([script, style].map(({ name, bytes }) => writeFile(join(folder, name), bytes)));
}
