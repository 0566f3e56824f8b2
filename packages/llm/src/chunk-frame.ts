const KEY = '"content":';

/**
 * What stands around the text of a stream's chunks. Most chunks differ in their text alone, and then reading that text costs
 * a fraction of reading the chunk.
 */
export class ChunkFrame {
  #before = "";
  #after = "";

  /** Learns from a chunk that brought this text and nothing else. */
  learn(data: string, text: string): void {
    const literal = JSON.stringify(text);
    const at = data.indexOf(KEY + literal);
    // A second such key could be the one that the text came from.
    if (at < 0 || data.indexOf(KEY) !== data.lastIndexOf(KEY)) return;
    this.#before = data.slice(0, at + KEY.length);
    this.#after = data.slice(at + KEY.length + literal.length);
  }

  /** The text of a chunk that is like the last one learnt from; undefined for any other. */
  textOf(data: string): string | undefined {
    const end = data.length - this.#after.length;
    if (this.#before === "" || end < this.#before.length + 2) return undefined;
    if (!data.startsWith(this.#before) || !data.endsWith(this.#after)) return undefined;
    // An empty text says that there may be something else to read.
    return stringOf(data.slice(this.#before.length, end)) || undefined;
  }
}

/** The string that a JSON literal stands for; undefined when it is anything else, such as a string and more. */
function stringOf(literal: string): string | undefined {
  if (literal[0] !== '"') return undefined;
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
