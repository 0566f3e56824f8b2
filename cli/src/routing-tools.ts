import { readFileSync } from "node:fs";
import { parseTools } from "@forerun/router/route-lines";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { createBuiltInTools } from "@forerun/tool-executor/built-in-tools";
import { ZodError } from "zod";
import { issueText } from "./issue-text.ts";

/** The tools to decide on where no server is asked for them: those of `--tools`, else the built-in ones. */
export async function routingTools(path: string | undefined): Promise<ToolDefinition[]> {
  return path === undefined ? builtInDefinitions() : readTools(path);
}

/** The built-in tools' own definitions. None of them is run, so what they would call stays unset. */
async function builtInDefinitions(): Promise<ToolDefinition[]> {
  await using builtIn = createBuiltInTools({
    forecastUrl: "",
    geocodingUrl: "",
    frankfurterUrl: "",
    quoteUrl: undefined,
    search: () => Promise.reject(new Error("routing runs no tool")),
    now: () => new Date(),
  });
  return builtIn.tools.map(({ name, description, effect, input, examples }) => ({
    name,
    description,
    effect,
    trusted: true,
    input_schema: input,
    examples,
  }));
}

/** What stands in a file that the operator names is theirs, unless it says otherwise. */
function readTools(path: string): ToolDefinition[] {
  try {
    return parseTools(JSON.parse(readFileSync(path, "utf8"))).map((tool) => ({ trusted: true, ...tool }));
  } catch (error) {
    const cause = error instanceof ZodError ? issueText(error) : (error as Error).message;
    throw new ForerunError(
      "FR-E1801",
      "invalid_argument",
      `--tools ${path}: ${cause}`,
      'expected a JSON array of {"name","description","input_schema"}',
      { cause: error },
    );
  }
}
