import { type Command, Option } from "commander";
import type { Execute } from "../command-context.ts";
import type { QuotaShowInput } from "../verbs/quota-show.ts";
import { outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

export function addQuotaCommands(program: Command, execute: Execute): void {
  const quota = program.command("quota").description("what may be used, and what was").helpCommand(false);
  withExamples(quota, ["npx forerun quota show", BY_EXAMPLE]);
  const show = quota
    .command("show")
    .description("limits and what is left of them, or what was used by model, tool, user or day")
    .option("--tenant <tenant>", "another tenant's; takes the role operator")
    .addOption(
      new Option("--by <what>", "what was used in 30 days").choices(["model", "tool", "user", "day"]),
    )
    .addOption(outputOption("text", "json"))
    .action((input: QuotaShowInput) =>
      execute(async () => (await import("../verbs/quota-show.ts")).quotaShow, input),
    );
  withExamples(show, ["npx forerun quota show -o json", BY_EXAMPLE]);
}

const BY_EXAMPLE = "npx forerun quota show --by model";
