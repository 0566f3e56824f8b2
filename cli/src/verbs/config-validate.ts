import { ConfigError } from "@forerun/runtime/config-fault";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { namesOfSources, readSettings } from "../settings/read-settings.ts";
import type { SettingFlags } from "../settings/setting-flags.ts";

/** Checks flags, environment and file. Faults are exit code 3, all of them at once. */
export async function configValidate(
  { flags, output }: { flags: SettingFlags; output: OutputFormat },
  { env, terminal }: CommandContext,
): Promise<ExitCode> {
  try {
    const sources = readSettings(env, flags);
    if (output === "json") terminal.result(JSON.stringify({ valid: true, faults: [] }));
    else terminal.result(`valid: ${namesOfSources(sources)}`);
  } catch (fault) {
    if (output !== "json" || !(fault instanceof ConfigError)) throw fault;
    terminal.result(JSON.stringify({ valid: false, faults: fault.faults }));
    return EXIT.config;
  }
  if (output === "text") terminal.say(terminal.paint.say.dim("Next  npx forerun config show"));
  return EXIT.ok;
}
