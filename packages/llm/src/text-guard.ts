const TRAILING_HIGH_SURROGATE = /[\uD800-\uDBFF]$/;

/**
 * Makes a model's text safe to store and send on: some endpoints split a character between two deltas, which would become
 * two broken ones in UTF-8, and no database text may hold NUL.
 */
export class TextGuard {
  #held = "";

  /** The text that is whole so far. */
  push(text: string): string {
    let whole = this.#held + text;
    this.#held = "";
    if (TRAILING_HIGH_SURROGATE.test(whole)) {
      this.#held = whole.slice(-1);
      whole = whole.slice(0, -1);
    }
    return clean(whole);
  }

  /** What was held back for a second half that never came. */
  end(): string {
    const rest = clean(this.#held);
    this.#held = "";
    return rest;
  }
}

function clean(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
