import { type CallRules, checkCalls } from "./check-calls.ts";
import { ClosedCalls } from "./closed-calls.ts";
import type { DecisionJson } from "./decision-json.ts";
import type { DecidedCall } from "./model-decision.ts";

/** A call that the model has written to its end while the rest of its decision is on its way; it may start. */
export type ClosedCall = Readonly<{ kind: "closed"; call: DecidedCall }>;

/** The calls of a decision that is being written, judged by the rules that the whole decision will be judged by. */
export class EagerCalls {
  readonly #rules: CallRules;
  readonly #reader = new ClosedCalls();
  readonly #asked: DecisionJson["calls"] = [];
  #taken = 0;

  constructor(rules: CallRules) {
    this.#rules = rules;
  }

  /** Calls that closed with this text and wait for no other call's result. */
  push(text: string): readonly ClosedCall[] {
    const closed = this.#reader.push(text);
    if (closed.length === 0) return [];
    this.#asked.push(...closed);
    const { calls } = checkCalls(this.#asked, this.#rules);
    const fresh = calls.slice(this.#taken);
    this.#taken = calls.length;
    return fresh.filter(({ dependsOn }) => dependsOn.length === 0).map((call) => ({ kind: "closed", call }));
  }
}
