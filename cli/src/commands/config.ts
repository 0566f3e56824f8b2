import type { Command } from "commander";
import type { Execute } from "../command-context.ts";
import { addSettingFlags, type SettingFlags } from "../settings/setting-flags.ts";
import { type OutputFormat, outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

type FlagsAndOutput = SettingFlags & { output: OutputFormat };

export function addConfigCommands(program: Command, execute: Execute): void {
  const config = program
    .command("config")
    .description("what is configured, and where it comes from")
    .helpCommand(false);
  withExamples(config, ["npx forerun config show", "npx forerun config explain limits.deadline"]);
  const show = addSettingFlags(config.command("show"))
    .description("every setting with its value and origin (flag, env, file, default)")
    .addOption(outputOption("text", "json"))
    .action(({ output, ...flags }: FlagsAndOutput) =>
      execute(async () => (await import("../verbs/config-show.ts")).configShow, { flags, output }),
    );
  withExamples(show, ["npx forerun config show", "PORT=9000 npx forerun config show -o json"]);
  const explain = addSettingFlags(config.command("explain"))
    .description("one setting: meaning, default, value, origin")
    .argument("<key>", "its name: PORT, limits.deadline, tools.get_weather.timeout")
    .addOption(outputOption("text", "json"))
    .action((key: string, { output, ...flags }: FlagsAndOutput) =>
      execute(async () => (await import("../verbs/config-explain.ts")).configExplain, { key, flags, output }),
    );
  withExamples(explain, ["npx forerun config explain PORT", "npx forerun config explain tools.timeout"]);
  const validate = addSettingFlags(config.command("validate"))
    .description("check environment and file; every fault at once, exit code 3")
    .addOption(outputOption("text", "json"))
    .action(({ output, ...flags }: FlagsAndOutput) =>
      execute(async () => (await import("../verbs/config-validate.ts")).configValidate, { flags, output }),
    );
  withExamples(validate, [
    "npx forerun config validate",
    "npx forerun config validate --config staging.yaml -o json",
  ]);
}
