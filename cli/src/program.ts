import { ForerunError } from "@forerun/runtime/forerun-error";
import { Command, CommanderError, Help } from "commander";
import type { CommandContext, Execute } from "./command-context.ts";
import { addChatCommands } from "./commands/chat.ts";
import { addConfigCommands } from "./commands/config.ts";
import { addEvalCommands } from "./commands/eval.ts";
import { addLoadCommand } from "./commands/load.ts";
import { addMemoryCommands } from "./commands/memory.ts";
import { addProcessCommands } from "./commands/process.ts";
import { addQuotaCommands } from "./commands/quota.ts";
import { addRouteCommand } from "./commands/route.ts";
import { addTokenCommands } from "./commands/token.ts";
import { addToolCommands } from "./commands/tool.ts";
import { withExamples } from "./commands/with-examples.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { VERSION } from "./version.ts";

/** The whole command line. `command` is what help and documentation are made from. */
export type Program = { command: Command; run(args: readonly string[]): Promise<ExitCode> };

/** Builds the commands; a verb's own code is loaded when it runs, so that `--help` stays quick. */
export function buildProgram(context: CommandContext): Program {
  const outcome: { code: ExitCode } = { code: EXIT.ok };
  const execute: Execute = async (load, input) => {
    const verb = await load();
    outcome.code = await verb(input, context);
  };
  const command = rootCommand(context);
  addProcessCommands(command, execute);
  addChatCommands(command, execute);
  addRouteCommand(command, execute);
  addToolCommands(command, execute);
  addEvalCommands(command, execute);
  addMemoryCommands(command, execute);
  addQuotaCommands(command, execute);
  addLoadCommand(command, execute);
  addTokenCommands(command, execute);
  addConfigCommands(command, execute);
  return {
    command,
    run: async (args) => {
      try {
        await command.parseAsync(args, { from: "user" });
      } catch (fault) {
        if (!(fault instanceof CommanderError)) throw fault;
        if (fault.exitCode === 0) return EXIT.ok;
        if (fault.code === "commander.help") return EXIT.usage;
        throw usageError(fault.message, command, args);
      }
      return outcome.code;
    },
  };
}

function rootCommand({ terminal }: CommandContext): Command {
  const command = new Command("forerun")
    .description("Chat whose tools start before the router has decided.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .showSuggestionAfterError()
    .usage("[--version | --help] <command>")
    .configureHelp({
      showGlobalOptions: false,
      subcommandTerm: (inner) => inner.name(),
      // The root's own two stand in its usage: its help is the list of commands, within 24 lines.
      visibleOptions: (inner) => (inner.parent ? new Help().visibleOptions(inner) : []),
    })
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      // Help for a group without its verb is a person's mistake: it goes where errors go; errors themselves are worded below.
      writeErr: (text) => {
        if (!text.startsWith("error:") && !text.startsWith("(")) terminal.say(text.replace(/\n$/, ""));
      },
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
    })
    .exitOverride();
  return withExamples(command, [
    "npx forerun start",
    'npx forerun chat "17% of 2400, and the time in Oslo?"',
  ]);
}

/** "error: unknown command 'chta'\n(Did you mean chat?)" in the words of the house. */
function usageError(message: string, root: Command, args: readonly string[]): ForerunError {
  const [problem = message, hint] = message.replace(/^error: /, "").split("\n");
  const suggestion = /\(Did you mean (?:one of )?(.+?)\??\)/.exec(hint ?? "")?.[1];
  const cause = `${problem.replace(/\.$/, "")}${suggestion ? ` … did you mean ${suggestion}?` : ""}`;
  return new ForerunError("FR-E1801", "invalid_argument", cause, `see ${commandPath(root, args)} --help`);
}

/** The deepest command that the arguments name, spelt in full. */
function commandPath(root: Command, args: readonly string[]): string {
  let current = root;
  const path = [root.name()];
  for (const word of args) {
    const next = current.commands.find((command) => command.name() === word);
    if (!next) break;
    path.push(word);
    current = next;
  }
  return path.join(" ");
}
