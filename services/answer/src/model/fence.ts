import { createHash } from "node:crypto";

/** Wraps a text of a tool or a document as data in a prompt. */
export type Fence = (attributes: Readonly<Record<string, string | number>>, content: string) => string;

/** What begins a block's mark, in its plain form and as look-alikes, some with characters that nobody sees. */
const LOOKALIKE = /[<＜﹤〈‹](?=[\s\p{Cf}]{0,8}[/／∕]?[\s\p{Cf}]{0,8}data\b)/giu;

/**
 * Fences for the given contents. Their mark is made from the contents and occurs in none of them, so no content can end its own
 * block, whatever it says, and whoever wrote it could not know the mark; the same contents have the same mark. Beginnings of
 * marks are made harmless on top, for models that read carelessly.
 */
export function fenceFor(contents: readonly string[]): Fence {
  const mark = markOutside(contents);
  return (attributes, content) => {
    const listed = Object.entries(attributes).map(
      ([name, value]) => ` ${name}="${attribute(String(value))}"`,
    );
    return `<data-${mark}${listed.join("")}>\n${content.replace(LOOKALIKE, "‹")}\n</data-${mark}>`;
  };
}

function markOutside(contents: readonly string[]): string {
  for (let attempt = 0; ; attempt += 1) {
    const hash = createHash("sha256").update(String(attempt));
    for (const content of contents) hash.update("\0").update(content);
    const mark = hash.digest("hex").slice(0, 8);
    if (!contents.some((content) => content.includes(mark))) return mark;
  }
}

function attribute(value: string): string {
  return value
    .replace(/[\s"<>]+/g, " ")
    .trim()
    .slice(0, 200)
    .toWellFormed();
}
