import type { Caller } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * What running a tool does to the world: nothing (`pure`: computes from its arguments alone), `read`s it, or `write`s to it.
 * Only pure and read tools ever start before their call is decided.
 */
export type Effect = "pure" | "read" | "write";

/** A JSON Schema 2020-12 as a plain object. */
export type JsonSchema = JsonObject;

/** Something a user might say, and the call that it wants. Five or more let the router find the tool without a model. */
export type ToolExample = Readonly<{ text: string; arguments: JsonObject; output?: JsonValue }>;

/** What a running tool is given besides its arguments. */
export type ToolContext = Readonly<{
  /** Aborted when the call is cancelled or out of time; pass it to whatever waits. */
  signal: AbortSignal;
  /** When `signal` aborts at the latest. */
  deadline: Date;
  /** Who asks. Keep what belongs to one tenant apart from the others. */
  caller: Caller;
  /** W3C `traceparent` of the call: a request to a back end that carries it shows in the turn's trace. */
  trace: string | undefined;
  /**
   * Of a call that changes something: the same whenever that call is made, and no other's. Give it to a back end that takes
   * an idempotency key.
   */
  idempotencyKey?: string | undefined;
  /** Log of this call; never write arguments or secrets to it. */
  log: Logger;
  /** Tells the person who waits how far the tool is: words, and a share from 0 to 1 where it is known. */
  progress(text: string, fraction?: number): void;
}>;

/** A checked tool as the executor holds it: schemas are plain JSON, arguments are checked before `run` sees them. */
export type Tool = Readonly<{
  name: string;
  description: string;
  effect: Effect;
  input: JsonSchema;
  output: JsonSchema;
  examples: readonly ToolExample[];
  timeoutMs: number;
  cacheTtlMs: number;
  costMicros: number;
  /** Rules of the author's schema that JSON Schema cannot say; absent for plain JSON Schemas. */
  refine: ((args: JsonObject) => Refined) | undefined;
  run(args: unknown, context: ToolContext): unknown;
  render: ((output: JsonValue, args: JsonObject) => string) | undefined;
}>;

export type Refined = { kind: "ok"; args: unknown } | { kind: "refused"; problem: string };
