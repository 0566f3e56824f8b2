import { createInterface } from "node:readline";
import { openEmbedder } from "@forerun/embeddings/open-embedder";
import { readEmbeddings } from "@forerun/embeddings/settings";
import { routeLines } from "@forerun/router/route-lines";
import { DEFAULT_CONFIG_FILE, readConfigFile } from "@forerun/runtime/config-file";
import type { CommandContext } from "../command-context.ts";
import { counted } from "../counted.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { routingTools } from "../routing-tools.ts";

export type RouteInput = { tools?: string; top?: number };

const DEFAULT_TOP = 5;

/** Decides for each JSON line on stdin and prints one line each, in order; runs no tool and needs no server. */
export async function route(
  { tools, top }: RouteInput,
  { env, terminal, interrupt }: CommandContext,
): Promise<ExitCode> {
  await using embedder = await openEmbedder(
    readEmbeddings(env, readConfigFile(env.CONFIG?.trim() || DEFAULT_CONFIG_FILE)),
  );
  const options = {
    tools: await routingTools(tools),
    top: top ?? DEFAULT_TOP,
    now: new Date(),
    embedder,
    signal: interrupt,
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
