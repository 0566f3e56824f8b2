import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedModelPath } from "@forerun/testing/shared-data";
import { SENTENCE_MODEL, skipWithoutModelFolder } from "@forerun/testing/skip-without";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import reference from "./fixtures/reference.json" with { type: "json" };
import { readTokenizer } from "./read-tokenizer.ts";
import { WordPieces } from "./word-pieces.ts";

/** A vocabulary small enough to follow by eye. */
function smallModel(longestText = 8) {
  const pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "wea", "##ther", "weather", "in", "##s", "東", "!"];
  const file = {
    truncation: { max_length: longestText },
    added_tokens: [{ id: 3, content: "[SEP]", special: true }],
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 12,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    },
  };
  const tokenizer = new WordPieces(readTokenizer(file));
  return (text: string) => tokenizer.encode(text).map((id) => pieces[id]);
}

describe("WordPiece", () => {
  it.each([
    ["", "[CLS] [SEP]"],
    ["Weather", "[CLS] weather [SEP]"],
    ["WÉATHERS!", "[CLS] weather ##s ! [SEP]"],
    ["in東in", "[CLS] in 東 in [SEP]"],
    ["weatherx", "[CLS] [UNK] [SEP]"],
    ["weatherssssss", "[CLS] [UNK] [SEP]"],
    ["in[SEP]in", "[CLS] in [SEP] in [SEP]"],
    ["in in in in in in in in", "[CLS] in in in in in in [SEP]"],
  ])("reads %j as %s", (text, pieces) => {
    expect(smallModel()(text).join(" ")).toBe(pieces);
  });

  it("cuts a word off where the ids end", () => {
    expect(smallModel(4)("in weathers")).toEqual(["[CLS]", "in", "weather", "[SEP]"]);
  });

  it("refuses the tokenizer of another kind of model", () => {
    expect(() => readTokenizer({ added_tokens: [], model: { type: "BPE", vocab: {} } })).toThrow();
  });
});

skipWithoutModelFolder()("WordPiece with the model's vocabulary", () => {
  const file = join(sharedModelPath(SENTENCE_MODEL), "tokenizer.json");
  const model = readTokenizer(JSON.parse(readFileSync(file, "utf8")));
  const tokenizer = new WordPieces(model);

  it.each(reference.tokens.map(({ text, ids }) => [text, ids] as const))(
    "gives %j the ids that the reference gives it",
    (text, ids) => {
      expect(tokenizer.encode(text)).toEqual(ids);
    },
  );

  it("gives any text known ids between an opening and a closing one, and never too many", () => {
    const known = new Set(model.vocabulary.values());
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const ids = tokenizer.encode(text);
        expect(ids[0]).toBe(model.opening);
        expect(ids.at(-1)).toBe(model.closing);
        expect(ids.length).toBeLessThanOrEqual(model.longestText);
        expect(ids.every((id) => known.has(id))).toBe(true);
      }),
    );
  });

  it("reads text the same whatever its case, its accents and its spaces", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."aeiouåéöñ bcdst,.?"), maxLength: 60 });
    fc.assert(
      fc.property(letters, (text) => {
        const plain = text
          .normalize("NFD")
          .replace(/\p{Mn}/gu, "")
          .replaceAll(" ", "  ")
          .toUpperCase();
        expect(tokenizer.encode(plain)).toEqual(tokenizer.encode(text));
      }),
    );
  });

  it("reads no more of a long text than its first ids need", () => {
    const long = "weather ".repeat(2_000_000);
    expect(tokenizer.encode(long)).toEqual(tokenizer.encode(long.slice(0, 2_000)));
  });
});
