import { type BertRules, bertWords } from "./bert-words.ts";

export type WordPieceModel = Readonly<{
  /** Piece → id; a piece that continues a word begins with `continuation`. */
  vocabulary: ReadonlyMap<string, number>;
  continuation: string;
  /** Stands for a word that cannot be put together from pieces. */
  unknown: number;
  /** A word of more characters is unknown as a whole. */
  longestWord: number;
  rules: BertRules;
  /** Tokens that stand for themselves wherever a text holds them, such as [SEP]. */
  special: ReadonlyMap<string, number>;
  /** Ids put around every text. */
  opening: number;
  closing: number;
  /** Ids of a text at most, opening and closing among them; what is beyond is not read. */
  longestText: number;
}>;

/** Characters of a text that are read for each id it may have: a megabyte must not be split for the sake of 128 ids. */
const CHARACTERS_PER_ID = 128;

/** Token ids of texts by WordPiece: of each word the longest known piece first, then of its rest. Equals the model's own tokenizer. */
export class WordPieces {
  readonly #model: WordPieceModel;
  readonly #special: RegExp | undefined;
  readonly #longestPiece: number;

  constructor(model: WordPieceModel) {
    this.#model = model;
    this.#longestPiece = Math.max(0, ...Array.from(model.vocabulary.keys(), (piece) => piece.length));
    const special = Array.from(model.special.keys(), (token) => token.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    this.#special = special.length === 0 ? undefined : new RegExp(`(${special.join("|")})`, "u");
  }

  encode(text: string): number[] {
    const { opening, closing, longestText } = this.#model;
    const ids = [opening];
    for (const id of this.#ids(text.slice(0, longestText * CHARACTERS_PER_ID))) {
      if (ids.length === longestText - 1) break;
      ids.push(id);
    }
    return [...ids, closing];
  }

  *#ids(text: string): Generator<number> {
    const { special, rules } = this.#model;
    for (const part of this.#special === undefined ? [text] : text.split(this.#special)) {
      const id = special.get(part);
      if (id !== undefined) yield id;
      else for (const word of bertWords(part, rules)) yield* this.#pieces(word);
    }
  }

  #pieces(word: string): number[] {
    const { vocabulary, continuation, unknown, longestWord } = this.#model;
    if (word.length > longestWord && [...word].length > longestWord) return [unknown];
    const ids: number[] = [];
    for (let from = 0; from < word.length; ) {
      const prefix = from === 0 ? "" : continuation;
      let to = Math.min(word.length, from + this.#longestPiece);
      let id: number | undefined;
      while (to > from) {
        id = vocabulary.get(prefix + word.slice(from, to));
        if (id !== undefined) break;
        to--;
      }
      if (id === undefined) return [unknown];
      ids.push(id);
      from = to;
    }
    return ids;
  }
}
