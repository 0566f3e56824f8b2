import type { ToolChoice } from "./collaborators.ts";
import type { JsonObject } from "./json.ts";
import type { ClientTools } from "./turn.ts";
import type { TurnLimits } from "./turn-limits.ts";

/**
 * How a turn is to be worked on: what its request asked for besides the words. It is plain JSON and stored with the turn, so that
 * any process can do the work.
 */
export type TurnTerms = {
  toolChoice: ToolChoice;
  /** Names of tools that the turn may use; empty means all. */
  allowedTools: readonly string[];
  limits: TurnLimits;
  /** What may start before the decision: nothing, what the policy says, or the answer besides. */
  speculation: "off" | "auto" | "with_answer";
  /** JSON Schema that the answer must satisfy. */
  responseSchema?: JsonObject | undefined;
  /** The client's own tools: the model answers or asks for calls of them, and nothing is routed or retrieved. */
  clientTools?: ClientTools | undefined;
  /** Milliseconds that the work may take. */
  deadlineMs: number;
  /** Where the work belongs in a trace (W3C); of a stored turn, the turn's own span. */
  trace: string | undefined;
};

/** The terms alone of what has them. */
export function termsOf(from: TurnTerms): TurnTerms {
  const { toolChoice, allowedTools, limits, speculation, responseSchema, clientTools, deadlineMs, trace } =
    from;
  return { toolChoice, allowedTools, limits, speculation, responseSchema, clientTools, deadlineMs, trace };
}
