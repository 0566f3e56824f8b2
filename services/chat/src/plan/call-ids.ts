import type { ToolCall } from "../turn.ts";
import { neededIds, renameReferences } from "./reference.ts";

/** Gives out the ids of one turn's calls, each once: to drafts, and to the calls of every round. */
export class CallIds {
  readonly #given: Set<string>;
  #last = 0;

  /** `given`: ids that the turn's calls have already. */
  constructor(given: Iterable<string> = []) {
    this.#given = new Set(given);
  }

  /** The next free one: c1, c2, … */
  next(): string {
    let id: string;
    do id = `c${++this.#last}`;
    while (this.#given.has(id));
    this.#given.add(id);
    return id;
  }

  /** The wanted one where it is free and reads as one, so that a decision is told as it was made; else the next free one. */
  take(wanted: string): string {
    if (!/^c[0-9]{1,4}$/.test(wanted) || this.#given.has(wanted)) return this.next();
    this.#given.add(wanted);
    return wanted;
  }
}

/** A decided call with the id that it began with early, and that of the earlier call that it repeats, where there is one. */
export type Unnumbered = { call: ToolCall; begun?: string | undefined; repeats?: string | undefined };

/**
 * The decided calls under ids that are theirs alone: a call that was begun early keeps its id, the others take theirs from `ids`.
 * What refers to a call follows it, or goes to the one that it repeats; ids of earlier rounds stay as they are.
 */
export function numberCalls(decided: readonly Unnumbered[], ids: CallIds): ToolCall[] {
  const renamed = new Map<string, string>();
  const given = decided.map(({ call, begun, repeats }) => {
    const callId = begun ?? ids.take(call.callId);
    if (!renamed.has(call.callId)) renamed.set(call.callId, repeats ?? callId);
    return { call, callId };
  });
  const idOf = (id: string) => renamed.get(id) ?? id;
  return given.map(({ call, callId }) => {
    if (call.dependsOn.length === 0) return { ...call, callId };
    const args = renameReferences(call.arguments, idOf);
    return { ...call, callId, dependsOn: neededIds(call).map(idOf), arguments: args };
  });
}
