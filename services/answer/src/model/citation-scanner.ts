const MARK = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g;
/** A mark that has begun and may go on in the next text. */
const OPEN_MARK = /\[[\d\s,;]{0,40}$/;

/** Finds marks such as [1] or [2, 3] in a text that comes in pieces, split anywhere. */
export class CitationScanner {
  readonly #cited = new Set<number>();
  readonly #sources: number;
  #open = "";

  /** `sources`: how many there are; marks of others mean nothing. */
  constructor(sources: number) {
    this.#sources = sources;
  }

  /** Numbers of the sources, from 1, that this piece cites for the first time, in order. */
  push(piece: string): number[] {
    const text = this.#open + piece;
    this.#open = OPEN_MARK.exec(text)?.[0] ?? "";
    const fresh: number[] = [];
    for (const [, list = ""] of text.matchAll(MARK)) {
      for (const number of list.split(/[,;]/).map(Number)) {
        if (number < 1 || number > this.#sources || this.#cited.has(number)) continue;
        this.#cited.add(number);
        fresh.push(number);
      }
    }
    return fresh;
  }
}
