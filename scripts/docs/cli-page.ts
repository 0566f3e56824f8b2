import { buildProgram } from "@forerun/cli/program";
import { createTerminal } from "@forerun/cli/terminal";
import type { Command } from "commander";

const INTRODUCTION = `# The command line

Made from \`--help\` by \`npm run docs\`. Results go to stdout, everything else to stderr; \`-o\` chooses the shape of the
result. Ids may be given as a unique prefix or as \`last\`. Commands talk to the server at \`FORERUN_URL\`; when nothing
listens there and it is this machine, they run everything in their own process on \`DATA_DIR\`.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | it ran, and the result is bad: a failed turn or tool, an unknown id, a skipped document |
| 2 | the command line is wrong |
| 3 | the configuration is wrong, or the process cannot start with it |
| 4 | the server cannot be reached |
| 5 | not allowed |
| 6 | timed out |
| 130 | interrupted |
`;

/** Every command's help, outermost first, in the order in which \`forerun --help\` lists them. */
export function cliPage(): string {
  const sections = helpTexts().map(
    ({ path, help }) => `## ${path}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`,
  );
  return [INTRODUCTION, ...sections].join("\n");
}

/** The help of each command as a person sees it, by the command's whole name. */
export function helpTexts(): { path: string; help: string }[] {
  let shown = "";
  const stdout = {
    write(text: string) {
      shown += text;
    },
  };
  const terminal = createTerminal({ stdout, stderr: stdout }, {});
  const { command: root } = buildProgram({ env: {}, terminal, interrupt: new AbortController().signal });
  const helpOf = (command: Command): string => {
    shown = "";
    command.outputHelp();
    return shown;
  };
  const visit = (command: Command, path: string): { path: string; help: string }[] => [
    { path, help: helpOf(command) },
    ...command.commands.flatMap((inner) => visit(inner, `${path} ${inner.name()}`)),
  ];
  return visit(root, "forerun");
}
