import type { Tier0Call } from "../tier0/decision/tier0-decision.ts";
import type { ToolDefinition } from "../tier0/tool-definition.ts";

/** A turn and what a good router makes of it. */
export type LabelledTurn = Readonly<{
  text: string;
  /** Earlier messages, oldest first. */
  history: readonly Readonly<{ role: string; content: string }>[];
  /** The tools of the turn; undefined for those that all turns share. */
  tools: readonly ToolDefinition[] | undefined;
  /** Names of the tools that it wants; none when it is out of scope. */
  wanted: readonly string[];
  isRight(calls: readonly Pick<Tier0Call, "name" | "arguments">[]): boolean;
}>;
