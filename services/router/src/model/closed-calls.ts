import { type DecisionJson, decisionCall, MAX_DECISION_CHARACTERS } from "./decision-json.ts";

type Call = DecisionJson["calls"][number];

const THOUGHTS = { open: "<think>", close: "</think>" };

/**
 * Reads a decision while the model writes it, and gives each call of its top-level "calls" as soon as the call's JSON has
 * closed. One pass over the characters; a value is parsed only where it is a call or the action. Nothing is judged here: the
 * whole decision, read again at its end, is what counts.
 */
export class ClosedCalls {
  #text = "";
  /** The next character to look at. */
  #at = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Where the string, or the call, that is being read begins. */
  #stringFrom = 0;
  #callFrom = 0;
  /** The last string at the top level, which is the key of the value that follows a colon. */
  #string = "";
  #key = "";
  #action = "";
  #over = false;
  #waiting: Call[] = [];

  /** Calls that have closed, once the action is known to be a call; none when the decision itself has ended: it is there. */
  push(text: string): readonly Call[] {
    if (this.#over) return [];
    this.#text += text;
    if (this.#text.length > MAX_DECISION_CHARACTERS) this.#over = true;
    if (this.#depth === 0 && !this.#begin()) return [];
    while (this.#at < this.#text.length && !this.#over) this.#read(this.#at++);
    if (this.#over || this.#action !== "call") return [];
    return this.#waiting.splice(0);
  }

  /** Goes to the first brace that is not part of the model's thoughts; false while there is none. */
  #begin(): boolean {
    const spoken = this.#text.trimStart();
    let from = 0;
    if (spoken.startsWith(THOUGHTS.open) || THOUGHTS.open.startsWith(spoken)) {
      const close = this.#text.indexOf(THOUGHTS.close);
      if (close < 0) return false;
      from = close;
    }
    this.#at = this.#text.indexOf("{", from);
    return this.#at >= 0;
  }

  #read(at: number): void {
    const character = this.#text.charCodeAt(at);
    if (this.#inString) {
      this.#readString(character, at);
      return;
    }
    switch (character) {
      case QUOTE:
        this.#inString = true;
        this.#stringFrom = at;
        return;
      case COLON:
        if (this.#depth === 1) this.#key = this.#string;
        return;
      case COMMA:
        if (this.#depth === 1) this.#key = "";
        return;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.#depth += 1;
        if (this.#depth === CALL_DEPTH) this.#callFrom = at;
        return;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (this.#depth === CALL_DEPTH && this.#key === "calls") this.#closeCall(at);
        this.#depth -= 1;
        if (this.#depth === 0) this.#over = true;
    }
  }

  #readString(character: number, at: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === BACKSLASH) this.#escaped = true;
    else if (character === QUOTE) {
      this.#inString = false;
      if (this.#depth !== 1) return;
      const string = parse(this.#text.slice(this.#stringFrom, at + 1));
      this.#string = typeof string === "string" ? string : "";
      if (this.#key === "action") this.#action = this.#string;
    }
  }

  #closeCall(at: number): void {
    const call = decisionCall.safeParse(parse(this.#text.slice(this.#callFrom, at + 1)));
    if (call.success) this.#waiting.push(call.data);
  }
}

/** Levels around a call: the decision, its list of calls, the call. */
const CALL_DEPTH = 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
