import { z } from "zod";
import { toolSchema } from "../route-lines.ts";
import type { ToolDefinition } from "../tier0/tool-definition.ts";
import { type LabelledTurn, labelTurn } from "./labelled-turn.ts";
import type { ExpectedCall } from "./same-calls.ts";

const lineSchema = z.strictObject({
  text: z.string().min(1),
  /** Earlier messages, oldest first. */
  history: z.array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.string() })).default([]),
  /** When it was asked. */
  asked_at: z.iso.datetime().optional(),
  tools: z.array(toolSchema).optional(),
  /** The calls that are right, in any order; none for a message that wants no tool. Without arguments any will do. */
  expected: z.array(
    z.strictObject({ name: z.string().min(1), arguments: z.record(z.string(), z.json()).optional() }),
  ),
});

/** Reads one JSON line; `tools` are those of lines that bring none. Throws ZodError or SyntaxError. */
export function parseLabelledLine(line: string, tools: readonly ToolDefinition[]): LabelledTurn {
  const { text, history, expected, asked_at: askedAt, ...own } = lineSchema.parse(JSON.parse(line));
  const asked = {
    text,
    history,
    askedAt: askedAt === undefined ? undefined : new Date(askedAt),
    tools: own.tools as ToolDefinition[] | undefined,
  };
  return labelTurn(asked, expected as ExpectedCall[], tools);
}
