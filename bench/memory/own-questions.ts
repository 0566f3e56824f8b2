import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sharedDataPath } from "@forerun/testing/shared-data";

export type Page = { uri: string; text: string };
/** A question about a page, in the words of someone who has seen its error. */
export type Question = { text: string; uri: string };

/**
 * The error pages of this project, and a question about each in its title's words. An easy set: it guards what a score means
 * beside the foreign questions, not how good the ranking is.
 */
export function readErrorPages(): { pages: Page[]; questions: Question[] } {
  const folder = fileURLToPath(new URL("../../docs/errors/", import.meta.url));
  const pages = readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => ({ uri: name, text: readFileSync(join(folder, name), "utf8") }));
  const questions = pages.map(({ uri, text }) => {
    const title = /^# \S+: (.+)$/m.exec(text)?.[1];
    if (title === undefined) throw new Error(`${uri} has no title`);
    return { text: `What can I do about "${title}"?`, uri };
  });
  return { pages, questions };
}

/** Questions about other things altogether: banking, travel, small talk. */
export function readForeignQuestions(): string[] {
  const lines = readFileSync(sharedDataPath("a_routing/clinc150_dev.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}
