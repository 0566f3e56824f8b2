/**
 * Marks text of tools and documents as data in a prompt. Whatever the text says, it cannot end its own block: the marks are
 * made harmless inside it.
 */
export function fence(attributes: Readonly<Record<string, string | number>>, content: string): string {
  const marks = Object.entries(attributes).map(([name, value]) => ` ${name}="${attribute(String(value))}"`);
  return `<data${marks.join("")}>\n${content.replace(/<(?=\s*\/?\s*data\b)/gi, "‹")}\n</data>`;
}

/** At most this many characters, and a word about it where something was cut. */
export function capped(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, characters).toWellFormed()}\n[cut after ${characters} characters]`;
}

function attribute(value: string): string {
  return value
    .replace(/[\s"<>]+/g, " ")
    .trim()
    .slice(0, 200)
    .toWellFormed();
}
