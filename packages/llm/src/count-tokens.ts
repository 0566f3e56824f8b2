/** Tokens in a text, by one encoding: exact for newer OpenAI models, an estimate for all others. */
export type CountTokens = (text: string) => number;

/** The encoder's time grows with the square of an unbroken run of letters: no run may be longer than this. */
const LONGEST_SLICE = 256;

/** Names such as <|endoftext|> are a user's text like any other and not an error. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

/** Loads the encoding, which costs about 0.1 s and 70 MB once a process, so only whoever counts pays for it. */
export async function loadTokenCounter(): Promise<CountTokens> {
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  return (text) => {
    let tokens = 0;
    for (const slice of slices(text)) tokens += countTokens(slice, AS_TEXT);
    return tokens;
  };
}

/** Pieces that end before a space where there is one, as tokens begin with theirs. */
function* slices(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = start + LONGEST_SLICE;
    const space = end < text.length ? text.lastIndexOf(" ", end) : -1;
    const cut = space > start ? space : end;
    yield text.slice(start, cut);
    start = cut;
  }
}
