import Table from "cli-table3";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { clip } from "../describe-call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { type PublicTool, publicTool } from "../public-tool.ts";
import { reach } from "../reach.ts";

const CALL_MS = 10_000;

/** Prints the tools in use. */
export async function toolList(
  { output }: { output: OutputFormat },
  context: CommandContext,
): Promise<ExitCode> {
  await using server = await reach(context);
  const { tools, broken } = await server.tools.listTools(
    {},
    { ...server.callerOptions(), timeoutMs: CALL_MS },
  );
  const { terminal } = context;
  for (const { source, code, message } of broken) terminal.say(`✕ ${code}  ${source}: ${message}`);
  if (output === "json") {
    terminal.result(JSON.stringify(tools.map(publicTool)));
    return EXIT.ok;
  }
  if (tools.length > 0) terminal.result(table(tools.map(publicTool)));
  else terminal.say("no tool is in use: FORERUN_TOOLS and tools.enabled say which may be");
  const next = tools[0]
    ? `npx forerun tool show ${tools[0].name}`
    : "npx forerun config explain tools.enabled";
  terminal.say(terminal.paint.say.dim(`Next  ${next}`));
  return EXIT.ok;
}

const NAME_WIDTH = 22;
const EFFECT_WIDTH = 7;
const DESCRIPTION_WIDTH = 80 - NAME_WIDTH - EFFECT_WIDTH - 2;

function table(tools: readonly PublicTool[]): string {
  const rows = new Table({
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colWidths: [NAME_WIDTH, EFFECT_WIDTH, DESCRIPTION_WIDTH],
  });
  rows.push(...tools.map((tool) => [tool.name, tool.effect, clip(tool.description, DESCRIPTION_WIDTH)]));
  return rows
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const NO_LINES = {
  middle: " ",
  ...Object.fromEntries(
    ["top", "bottom", "left", "right", "mid"].flatMap((side) =>
      ["", "-mid", "-left", "-right"].map((part) => [`${side}${part}`, ""]),
    ),
  ),
};
