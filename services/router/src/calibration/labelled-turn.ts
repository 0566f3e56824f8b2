import type { Tier0Call } from "../tier0/decision/tier0-decision.ts";
import type { ToolDefinition } from "../tier0/tool-definition.ts";
import { type ExpectedCall, sameCalls } from "./same-calls.ts";

/** A message as it was asked. */
export type AskedMessage = Readonly<{
  text: string;
  /** Earlier messages, oldest first. */
  history: readonly Readonly<{ role: string; content: string }>[];
  /** When, for what is said relative to it: "tomorrow"; undefined for the time of the fit. */
  askedAt?: Date | undefined;
  /** The tools of the turn; undefined for those that all turns share. */
  tools: readonly ToolDefinition[] | undefined;
}>;

/** A turn and what a good router makes of it. */
export type LabelledTurn = AskedMessage &
  Readonly<{
    /** Names of the tools that it wants; none when it is out of scope. */
    wanted: readonly string[];
    isRight(calls: readonly Pick<Tier0Call, "name" | "arguments">[]): boolean;
  }>;

/** The turn whose right calls are `expected`, in any order; none for a message that wants no tool. `shared`: the tools of all turns. */
export function labelTurn(
  asked: AskedMessage,
  expected: readonly ExpectedCall[],
  shared: readonly ToolDefinition[],
): LabelledTurn {
  const schemas = new Map((asked.tools ?? shared).map((tool) => [tool.name, tool.input_schema]));
  return {
    ...asked,
    wanted: expected.map(({ name }) => name),
    isRight: (calls) => sameCalls(calls, expected, (name) => schemas.get(name)),
  };
}
