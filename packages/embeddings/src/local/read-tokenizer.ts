import { z } from "zod";
import type { WordPieceModel } from "./word-pieces.ts";

/** The parts of a tokenizer.json that say how a BERT model reads text. */
const tokenizerFile = z.object({
  truncation: z.object({ max_length: z.int().min(2) }).nullish(),
  added_tokens: z.array(z.object({ id: z.int(), content: z.string().min(1), special: z.boolean() })),
  normalizer: z.object({
    type: z.literal("BertNormalizer"),
    clean_text: z.boolean(),
    handle_chinese_chars: z.boolean(),
    strip_accents: z.boolean().nullable(),
    lowercase: z.boolean(),
  }),
  pre_tokenizer: z.object({ type: z.literal("BertPreTokenizer") }),
  model: z.object({
    // Older files leave the type out.
    type: z.literal("WordPiece").default("WordPiece"),
    unk_token: z.string(),
    continuing_subword_prefix: z.string().min(1),
    max_input_chars_per_word: z.int().min(1),
    vocab: z.record(z.string(), z.int().min(0)),
  }),
});

/** Ids of a text where the file names no bound: what sentence models are usually trained on. */
const USUAL_LONGEST = 256;
const OPENING = "[CLS]";
const CLOSING = "[SEP]";

/** What a tokenizer.json describes. Throws a ZodError or a RangeError for one that is not of a BERT model. */
export function readTokenizer(json: unknown): WordPieceModel {
  const { truncation, added_tokens, normalizer, model } = tokenizerFile.parse(json);
  const vocabulary = new Map(Object.entries(model.vocab));
  const idOf = (piece: string): number => {
    const id = vocabulary.get(piece);
    if (id === undefined) throw new RangeError(`its vocabulary has no ${piece}`);
    return id;
  };
  return {
    vocabulary,
    continuation: model.continuing_subword_prefix,
    unknown: idOf(model.unk_token),
    longestWord: model.max_input_chars_per_word,
    rules: {
      cleanText: normalizer.clean_text,
      splitIdeographs: normalizer.handle_chinese_chars,
      // Left open, accents go where case goes.
      stripAccents: normalizer.strip_accents ?? normalizer.lowercase,
      lowercase: normalizer.lowercase,
    },
    special: new Map(added_tokens.flatMap(({ id, content, special }) => (special ? [[content, id]] : []))),
    opening: idOf(OPENING),
    closing: idOf(CLOSING),
    longestText: truncation?.max_length ?? USUAL_LONGEST,
  };
}
