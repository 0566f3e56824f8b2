import type { Tool } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { formatDuration } from "@forerun/runtime/duration";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { publicTool } from "../public-tool.ts";
import { reach } from "../reach.ts";

const CALL_MS = 10_000;

/** Prints one tool: what it does, takes and gives. */
export async function toolShow(
  { name, output }: { name: string; output: OutputFormat },
  context: CommandContext,
): Promise<ExitCode> {
  await using server = await reach(context);
  const { tool } = await server.tools.getTool({ name }, { ...server.callerOptions(), timeoutMs: CALL_MS });
  if (!tool) return EXIT.badResult;
  const { terminal } = context;
  if (output === "json") {
    terminal.result(JSON.stringify(publicTool(tool)));
    return EXIT.ok;
  }
  for (const line of describe(tool)) terminal.result(line);
  const example = JSON.stringify(tool.examples[0]?.arguments ?? {});
  terminal.say(
    terminal.paint.say.dim(
      `Next  npx forerun tool call ${name} --args '${example.replaceAll("'", "'\\''")}'`,
    ),
  );
  return EXIT.ok;
}

function describe(tool: Tool): string[] {
  const { effect, input_schema, output_schema, source } = publicTool(tool);
  const cache = tool.cacheTtlMs > 0 ? `, results kept ${formatDuration(tool.cacheTtlMs)}` : "";
  return [
    `${tool.name}  ${effect}, ${formatDuration(tool.timeoutMs)} at most${cache}, ${source}`,
    tool.description,
    "",
    ...tool.examples.map(({ text, arguments: args }) => `  "${text}" → ${JSON.stringify(args ?? {})}`),
    "",
    "takes",
    indented(input_schema),
    "gives",
    indented(output_schema),
  ];
}

function indented(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/^/gm, "  ");
}
