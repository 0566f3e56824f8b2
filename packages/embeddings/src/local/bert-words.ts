/**
 * The words of a text as BERT's basic tokenizer reads it: cleaned, ideographs apart, accents and case removed where the model was
 * trained so, split at white space and around each punctuation mark. Unicode properties where the reference has tables.
 */
export type BertRules = Readonly<{
  lowercase: boolean;
  stripAccents: boolean;
  cleanText: boolean;
  splitIdeographs: boolean;
}>;

// Unassigned characters (Cn) stay: the reference knows control, format, surrogate and private use only.
const DROPPED = /[\0\uFFFD]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;
const WHITE_SPACE = /\p{White_Space}/gu;
const IDEOGRAPH =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;
const ACCENT = /\p{Mn}/gu;
const PIECE = /[!-/:-@[-`{-~\p{P}]|[^\s!-/:-@[-`{-~\p{P}]+/gu;

export function bertWords(text: string, rules: BertRules): string[] {
  let read = text;
  if (rules.cleanText) read = read.replace(DROPPED, "").replace(WHITE_SPACE, " ");
  if (rules.splitIdeographs) read = read.replace(IDEOGRAPH, " $& ");
  if (rules.stripAccents) read = read.normalize("NFD").replace(ACCENT, "");
  if (rules.lowercase) read = lowerCase(read);
  return read.match(PIECE) ?? [];
}

/** Character by character, as the reference does: a whole string would give a final sigma its own form. */
function lowerCase(text: string): string {
  let lower = "";
  for (const character of text) lower += character.toLowerCase();
  return lower;
}
