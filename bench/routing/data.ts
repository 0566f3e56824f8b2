/** Reads the public routing sets; a missing folder is reported by name, never guessed. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, ToolDefinition } from "@forerun/router/tier0/tool-definition";
import type { ExpectedCall } from "./call-score.ts";

export type RoutingCase = Readonly<{
  id: string;
  messages: readonly { role: string; content: string }[];
  tools: readonly ToolDefinition[];
  expected: readonly ExpectedCall[];
}>;

export type IntentCase = Readonly<{ text: string; intent: string }>;

export function dataFolder(): string {
  return join(process.env.FORERUN_DATA_DIR ?? join(import.meta.dirname, "../../../shared/data"), "a_routing");
}

/** Undefined when the file is not there. */
export function readCases(file: string): RoutingCase[] | undefined {
  return readLines<RawCase>(file)?.map((raw) => ({
    id: raw.id,
    messages: raw.messages,
    tools: raw.tools,
    expected: raw.expected.flatMap((one) =>
      Object.entries(one).map(([name, args]) => ({ name, arguments: args })),
    ),
  }));
}

type RawCase = {
  id: string;
  messages: { role: string; content: string }[];
  tools: ToolDefinition[];
  expected: Record<string, Record<string, Json[]>>[];
};

export function readIntents(file: string): IntentCase[] | undefined {
  return readLines<IntentCase>(file);
}

function readLines<T>(file: string): T[] | undefined {
  const path = join(dataFolder(), file);
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as T);
}

/** The last message of the user. */
export function questionOf(one: RoutingCase): string {
  return one.messages.findLast((message) => message.role === "user")?.content ?? "";
}
