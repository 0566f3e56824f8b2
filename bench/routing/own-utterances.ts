import { readFileSync } from "node:fs";
import type { Json, JsonObject, ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { builtInTools } from "./built-in-tools.ts";

/** An utterance of ours; without a tool it wants none. An array as an argument lists what is right, as in the public sets. */
export type OwnUtterance = Readonly<{
  tool: ToolDefinition | undefined;
  text: string;
  arguments: JsonObject;
}>;

const FOLDER = new URL("../../scripts/tier0-utterances/", import.meta.url);

export function ownTools(): ToolDefinition[] {
  const more: ToolDefinition[] = JSON.parse(readFileSync(new URL("tools.json", FOLDER), "utf8"));
  return [...builtInTools(), ...more];
}

export function ownUtterances(): OwnUtterance[] {
  const tools = new Map(ownTools().map((tool) => [tool.name, tool]));
  const lines = readFileSync(new URL("cases.jsonl", FOLDER), "utf8").trim().split("\n");
  return lines.map((line) => {
    const raw: { tool: string | null; text: string; arguments?: JsonObject } = JSON.parse(line);
    return { tool: tools.get(raw.tool ?? ""), text: raw.text, arguments: raw.arguments ?? {} };
  });
}

/** What is right for each argument, as the public sets say it. */
export function allowedArguments(utterance: OwnUtterance): Record<string, Json[]> {
  return Object.fromEntries(
    Object.entries(utterance.arguments).map(([name, value]) => [
      name,
      Array.isArray(value) ? value : [value],
    ]),
  );
}
