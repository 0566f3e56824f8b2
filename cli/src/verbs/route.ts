import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseTools, routeLines } from "@forerun/router/route-lines";
import type { ToolDefinition } from "@forerun/router/tier0/tool-definition";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { createBuiltInTools } from "@forerun/tool-executor/built-in-tools";
import { ZodError } from "zod";
import type { CommandContext } from "../command-context.ts";
import { counted } from "../counted.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

export type RouteInput = { tools?: string; top?: number };

const DEFAULT_TOP = 5;

/** Decides for each JSON line on stdin and prints one line each, in order; runs no tool and needs no server. */
export async function route({ tools, top }: RouteInput, { terminal }: CommandContext): Promise<ExitCode> {
  const options = {
    tools: tools === undefined ? await builtInDefinitions() : readTools(tools),
    top: top ?? DEFAULT_TOP,
    now: new Date(),
  };
  let bad = 0;
  for await (const { text, ok } of routeLines(linesOf(process.stdin), options)) {
    terminal.result(text);
    if (!ok) bad += 1;
  }
  if (bad > 0)
    terminal.say(
      `✖ FR-E1901  ${counted(bad, "line")} could not be read; the error stands in place of the result`,
    );
  return bad > 0 ? EXIT.badResult : EXIT.ok;
}

/** Opened by its first reader: a readline interface drops what comes before somebody iterates over it. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
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
    input_schema: input,
    examples,
  }));
}

function readTools(path: string): ToolDefinition[] {
  try {
    return parseTools(JSON.parse(readFileSync(path, "utf8")));
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

function issueText({ issues: [first] }: ZodError): string {
  return [first?.path.join("."), first?.message].filter(Boolean).join(": ");
}
