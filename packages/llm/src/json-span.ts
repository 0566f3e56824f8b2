/**
 * The first JSON object of a text that comes in pieces, without what a model says around it: a greeting, a code fence, thoughts
 * in `<think>`.
 */
export class JsonSpan {
  /** What has come while it is not clear whether thoughts begin the text. */
  #opening = "";
  #state: "opening" | "thoughts" | "before" | "inside" | "after" = "opening";
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** The part of the object in this piece; may be empty. */
  push(piece: string): string {
    if (this.#state !== "opening" && this.#state !== "thoughts") return this.#cut(piece);
    this.#opening += piece;
    const rest = this.#afterThoughts();
    return rest === undefined ? "" : this.#cut(rest);
  }

  #afterThoughts(): string | undefined {
    const text = this.#opening.trimStart();
    if (this.#state === "opening") {
      if ("<think>".startsWith(text.slice(0, 7)) && text.length < 7) return undefined;
      this.#state = text.startsWith("<think>") ? "thoughts" : "before";
    }
    if (this.#state === "before") return text;
    const end = text.indexOf("</think>");
    if (end < 0) return undefined;
    this.#state = "before";
    return text.slice(end);
  }

  #cut(piece: string): string {
    let start = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const character = piece[at];
      if (this.#state === "before" && character === "{") {
        this.#state = "inside";
        start = at;
      }
      if (this.#state === "inside" && this.#closes(character)) {
        this.#state = "after";
        return piece.slice(start, at + 1);
      }
    }
    return this.#state === "inside" ? piece.slice(start) : "";
  }

  /** True at the brace that ends the object. */
  #closes(character: string | undefined): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (character === "\\") this.#escaped = true;
      else if (character === '"') this.#inString = false;
      return false;
    }
    if (character === '"') this.#inString = true;
    else if (character === "{") this.#depth += 1;
    else if (character === "}") this.#depth -= 1;
    return this.#depth === 0;
  }
}
