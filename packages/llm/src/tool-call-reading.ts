import { z } from "zod";
import type { ModelToolCall } from "./model-call.ts";

/** Parts of calls as they come in one chunk. Endpoints differ: some send no index, some send a whole call at once. */
export const toolCallDeltas = z.array(
  z.object({
    index: z.number().int().nonnegative().nullish(),
    id: z.string().nullish(),
    function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
  }),
);

export type ToolCallPart = z.output<typeof toolCallDeltas>[number];

/** What these parts add to the arguments of the first call. */
export function argumentsOf(parts: readonly ToolCallPart[]): string {
  return parts.map(({ index, function: called }) => (index ? "" : (called?.arguments ?? ""))).join("");
}

/** The calls that a stream asks for, put together from their parts. */
export class ToolCallReading {
  readonly #calls: { index: number; id: string; name: string; arguments: string }[] = [];

  take(parts: readonly ToolCallPart[]): void {
    for (const part of parts) {
      const call = this.#callOf(part);
      call.id ||= part.id ?? "";
      call.name += part.function?.name ?? "";
      call.arguments += part.function?.arguments ?? "";
    }
  }

  /** Empty when nothing was asked for. An id that the endpoint left out is made up; no arguments are an empty object. */
  calls(): ModelToolCall[] {
    return this.#calls.map((call, at) => ({
      id: call.id || `call_${at + 1}`,
      name: call.name,
      arguments: call.arguments.trim() || "{}",
    }));
  }

  /** A part belongs to its index; without one, a new id begins a call and anything else goes on with the last. */
  #callOf({ index, id }: ToolCallPart) {
    const last = this.#calls.at(-1);
    const known =
      index == null
        ? (this.#calls.find((call) => id && call.id === id) ?? (id ? undefined : last))
        : this.#calls.find((call) => call.index === index);
    if (known) return known;
    const begun = { index: index ?? this.#calls.length, id: "", name: "", arguments: "" };
    this.#calls.push(begun);
    return begun;
  }
}
