import type { Command } from "commander";
import type { Execute } from "../command-context.ts";
import { type OutputFormat, outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

type ChatOptions = { conversation?: string; output: OutputFormat; speculation: boolean };

export function addChatCommands(program: Command, execute: Execute): void {
  const chat = program
    .command("chat")
    .description("ask something and stream the answer")
    .argument("<text...>", "the message")
    .option("-c, --conversation <id>", "go on with a conversation: its id, a unique prefix, or last")
    .addOption(outputOption("text", "json", "jsonl"))
    .option("--no-speculation", "start no tool before the decision")
    .action((words: string[], { conversation, output, speculation }: ChatOptions) =>
      execute(async () => (await import("../verbs/chat.ts")).chat, {
        text: words.join(" "),
        conversation,
        output,
        speculation,
      }),
    );
  withExamples(chat, [
    'npx forerun chat "17% of 2400, and the time in Oslo?"',
    'npx forerun chat -c last "and in Lima?"',
  ]);

  const turn = program.command("turn").description("look at turns").helpCommand(false);
  withExamples(turn, ["npx forerun turn show last", "npx forerun turn show last -o json"]);
  const show = turn
    .command("show")
    .description("draw what happened in a turn, and when")
    .argument("<id>", "its id, a unique prefix, or last")
    .addOption(outputOption("text", "json"))
    .action((id: string, { output }: { output: OutputFormat }) =>
      execute(async () => (await import("../verbs/turn-show.ts")).turnShow, { id, output }),
    );
  withExamples(show, ["npx forerun turn show last", "npx forerun turn show last -o json"]);
}
