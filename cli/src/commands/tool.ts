import type { Command } from "commander";
import type { Execute } from "../command-context.ts";
import { type OutputFormat, outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

export function addToolCommands(program: Command, execute: Execute): void {
  const tool = program.command("tool").description("list tools, look at one, call one").helpCommand(false);
  withExamples(tool, ["npx forerun tool list", CALL_EXAMPLE]);
  const list = tool
    .command("list")
    .description("the tools in use")
    .addOption(outputOption("text", "json"))
    .action((options: { output: OutputFormat }) =>
      execute(async () => (await import("../verbs/tool-list.ts")).toolList, options),
    );
  withExamples(list, ["npx forerun tool list", "npx forerun tool list -o json"]);
  const show = tool
    .command("show")
    .description("one tool: what it does, what it takes, what it gives")
    .argument("<name>", "its name")
    .addOption(outputOption("text", "json"))
    .action((name: string, { output }: { output: OutputFormat }) =>
      execute(async () => (await import("../verbs/tool-show.ts")).toolShow, { name, output }),
    );
  withExamples(show, ["npx forerun tool show calculator", "npx forerun tool show calculator -o json"]);
  addCall(tool, execute);
}

const CALL_EXAMPLE = `npx forerun tool call calculator --args '{"expression":"17% of 2400"}'`;

function addCall(tool: Command, execute: Execute): void {
  const call = tool
    .command("call")
    .description("run a tool and print its output; a failed tool is exit code 1")
    .argument("<name>", "its name")
    .option("--args <json>", "its arguments, a JSON object", "{}")
    .addOption(outputOption("text", "json"))
    .action((name: string, { args, output }: { args: string; output: OutputFormat }) =>
      execute(async () => (await import("../verbs/tool-call.ts")).toolCall, { name, args, output }),
    );
  withExamples(call, [CALL_EXAMPLE, `npx forerun tool call current_time --args '{}' -o json`]);
}
