import type { Embedder } from "@forerun/embeddings/embedder";
import { z } from "zod";
import type { Tier0Question } from "./tier0/decision/decide.ts";
import { createPrior } from "./tier0/decision/prior.ts";
import { TIER0_POLICY_VERSION, type Tier0Call, type Tier0Decision } from "./tier0/decision/tier0-decision.ts";
import type { ToolIndex } from "./tier0/ranking/tool-index.ts";
import { Tier0 } from "./tier0/tier0.ts";
import type { JsonObject, ToolDefinition } from "./tier0/tool-definition.ts";

/** A line of the result; `ok` is false for a line that could not be read. */
export type RoutedLine = Readonly<{ text: string; ok: boolean }>;

export type RouteLinesOptions = Readonly<{
  /** Tools of lines that bring none. */
  tools: readonly ToolDefinition[];
  /** Candidates in each result at most. */
  top: number;
  /** Time of lines that name none. */
  now: Date;
  /** Ranks by meaning too. Stays its giver's to dispose of. */
  embedder?: Embedder | undefined;
  signal: AbortSignal;
}>;

const MOST_CALLS = 64;

/** A tool as JSON lines and `--tools` give it. */
export const toolSchema = z.object({
  name: z.string().min(1).max(256),
  description: z.string().default(""),
  input_schema: z.record(z.string(), z.json()).default({}),
  effect: z.enum(["pure", "read", "write"]).optional(),
  trusted: z.boolean().optional(),
  examples: z
    .array(z.object({ text: z.string(), arguments: z.record(z.string(), z.json()).default({}) }))
    .optional(),
});

const lineSchema = z
  .object({
    id: z.union([z.string(), z.number()]).optional(),
    text: z.string().optional(),
    messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(),
    tools: z.array(toolSchema).optional(),
    now: z.iso.datetime({ offset: true }).optional(),
    time_zone: z.string().optional(),
  })
  .refine((line) => (line.text === undefined) !== (line.messages === undefined), {
    error: "expected either text or messages",
  })
  .refine((line) => line.messages === undefined || line.messages.some((message) => message.role === "user"), {
    error: "expected a message of the user",
  })
  .refine((line) => line.time_zone === undefined || isZone(line.time_zone), {
    error: "time_zone: expected an IANA name",
  });

type Line = z.output<typeof lineSchema>;

/** Reads tools as `--tools` and a line's `tools` give them. Throws a ZodError that says what is wrong. */
export function parseTools(json: unknown): ToolDefinition[] {
  return z.array(toolSchema).parse(json) as ToolDefinition[];
}

/**
 * Decides for each JSON line at tier 0, in order. An unreadable line gives an error in its place and stops nothing; an embedder
 * that fails stops all, since the other lines were not decided by words alone.
 */
export async function* routeLines(
  lines: AsyncIterable<string> | Iterable<string>,
  options: RouteLinesOptions,
): AsyncGenerator<RoutedLine> {
  const { embedder } = options;
  // What fails behind a registration is heard of where the vectors are waited for.
  const tier0 = new Tier0(createPrior(), embedder && { embedder, failed: () => {} });
  const common = await tier0.register(options.tools, options.signal);
  await tier0.learnt(common);
  let number = 0;
  for await (const raw of lines) {
    number++;
    if (raw.trim() === "") continue;
    const parsed = parseLine(raw);
    if ("problem" in parsed) {
      const error = { code: "FR-E1901", message: parsed.problem };
      yield { text: JSON.stringify({ id: null, line: number, error }), ok: false };
      continue;
    }
    const { line } = parsed;
    const index = line.tools === undefined ? common : await tier0.register(line.tools as ToolDefinition[]);
    await tier0.embedded(index);
    yield { text: JSON.stringify(await routeLine(line, index, tier0, options)), ok: true };
  }
}

function parseLine(raw: string): { line: Line } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch {
    return { problem: "not JSON" };
  }
  const result = lineSchema.safeParse(json);
  if (result.success) return { line: result.data };
  const [issue] = result.error.issues;
  const path = issue?.path.join(".") ?? "";
  return { problem: `${path === "" ? "" : `${path}: `}${issue?.message ?? "not a line to route"}` };
}

async function routeLine(
  line: Line,
  index: ToolIndex,
  tier0: Tier0,
  options: RouteLinesOptions,
): Promise<object> {
  const messages = line.messages ?? [{ role: "user", content: line.text ?? "" }];
  const last = messages.findLastIndex((message) => message.role === "user");
  const question: Tier0Question = {
    text: messages[last]?.content ?? "",
    history: messages.slice(0, last),
    clock: {
      now: line.now === undefined ? options.now : new Date(line.now),
      timeZone: line.time_zone ?? "UTC",
    },
    toolChoice: "auto",
    maxCalls: MOST_CALLS,
  };
  const started = process.hrtime.bigint();
  const byMeaning = await tier0.decideByMeaning(index, question, options.signal);
  const decision = byMeaning ?? tier0.decide(index, question);
  const us = Number(process.hrtime.bigint() - started) / 1000;
  return { id: line.id ?? null, ...publicDecision(decision, options.top), us: Math.round(us) };
}

function publicDecision(decision: Tier0Decision, top: number): object {
  return {
    action: decision.action,
    calls: decision.calls.map(publicCall),
    confidence: rounded(decision.confidence),
    candidates: decision.candidates
      .slice(0, top)
      .map(({ name, pTool }) => ({ name, p_tool: rounded(pTool) })),
    tier: 0,
    policy_version: TIER0_POLICY_VERSION,
    reason: decision.reason,
  };
}

function publicCall(call: Tier0Call): {
  name: string;
  arguments: JsonObject;
  p_tool: number;
  p_arguments: number;
  missing: string[];
} {
  return {
    name: call.name,
    arguments: call.arguments,
    p_tool: rounded(call.pTool),
    p_arguments: rounded(call.pArguments),
    missing: [...call.missing],
  };
}

function rounded(probability: number): number {
  return Math.round(probability * 10_000) / 10_000;
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
