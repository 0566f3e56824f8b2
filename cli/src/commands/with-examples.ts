import type { Command } from "commander";

/** Puts two examples above the help of a command: most people need no more of it. */
export function withExamples(command: Command, examples: readonly [string, string]): Command {
  return command.addHelpText("before", `${examples.map((example) => `  ${example}`).join("\n")}\n`);
}
