import type { Command } from "commander";
import type { Execute } from "../command-context.ts";
import { addSettingFlags, type SettingFlags } from "../settings/setting-flags.ts";
import { type OutputFormat, outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

export function addProcessCommands(program: Command, execute: Execute): void {
  const start = addSettingFlags(program.command("start"))
    .description("start everything in one process")
    .action((flags: SettingFlags) =>
      execute(async () => (await import("../verbs/start.ts")).start, { flags }),
    );
  withExamples(start, ["npx forerun start", "npx forerun start --port 9000 --data-dir /var/lib/forerun"]);

  const doctor = addSettingFlags(program.command("doctor"))
    .description("check this machine, each fault with its fix")
    .addOption(outputOption("text", "json"))
    .action(({ output, ...flags }: SettingFlags & { output: OutputFormat }) =>
      execute(async () => (await import("../verbs/doctor.ts")).doctor, { flags, output }),
    );
  withExamples(doctor, ["npx forerun doctor", "npx forerun doctor -o json"]);

  const status = program
    .command("status")
    .description("how each chat and what it needs stand")
    .argument("[urls...]", "addresses of chats; FORERUN_URL when left out")
    .option("-w, --watch", "look again every two seconds", false)
    .addOption(outputOption("text", "json"))
    .action((urls: string[], options: { watch: boolean; output: OutputFormat }) =>
      execute(async () => (await import("../verbs/status.ts")).status, { urls, ...options }),
    );
  withExamples(status, ["npx forerun status", "npx forerun status http://127.0.0.1:8080 --watch"]);

  const migrate = program
    .command("migrate")
    .description("bring the schemas of a Postgres up to date, all or none")
    .addOption(outputOption("text", "json"))
    .action((options: { output: OutputFormat }) =>
      execute(async () => (await import("../verbs/migrate.ts")).migrate, options),
    );
  withExamples(migrate, [
    "DATABASE_URL=postgres://owner@localhost/forerun npx forerun migrate",
    "npx forerun migrate -o json",
  ]);
}
