import type { RankedBy } from "../tier0/decision/heads.ts";
import type { Tier0Call, Tier0Decision } from "../tier0/decision/tier0-decision.ts";
import type { ToolDefinition } from "../tier0/tool-definition.ts";

/** Labelled turns by the tool they want. */
export type TurnsByTool = Readonly<Record<string, number>>;

/** What was calibrated: on how many turns of each tool, and which ranking's probabilities. */
export type Calibrated = Readonly<{ turns: TurnsByTool; rankedBy: RankedBy }>;

const LEAST_EXAMPLES = 5;
const LEAST_TURNS = 200;

/**
 * Is the decision of a kind that needs no model, if it is sure enough? Descriptions alone cannot carry that: each tool needs examples
 * or turns of its own, must be ours, must change nothing, and must get its arguments from spans whose form tells what they are. Its
 * probability must be one that was calibrated.
 */
export function mayDecideAlone(
  decision: Tier0Decision,
  definitionOf: (name: string) => ToolDefinition | undefined,
  { turns, rankedBy }: Calibrated,
): boolean {
  if (decision.action !== "call" || decision.reason !== "matched") return false;
  return decision.calls.every((call) => {
    const tool = definitionOf(call.name);
    if (call.rankedBy !== rankedBy) return false;
    return tool !== undefined && isKnownWell(tool, turns) && isSafe(tool, call);
  });
}

function isKnownWell(tool: ToolDefinition, turns: TurnsByTool): boolean {
  return (tool.examples?.length ?? 0) >= LEAST_EXAMPLES || (turns[tool.name] ?? 0) >= LEAST_TURNS;
}

function isSafe(tool: ToolDefinition, call: Tier0Call): boolean {
  const harmless = tool.effect === "pure" || tool.effect === "read";
  return harmless && tool.trusted === true && call.typed && call.missing.length === 0;
}
