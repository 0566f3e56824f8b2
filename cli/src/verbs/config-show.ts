import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readSettings } from "../settings/read-settings.ts";
import type { SettingFlags } from "../settings/setting-flags.ts";
import { settingValue } from "../settings/setting-value.ts";
import { listSettings } from "../settings/settings.ts";

const KEY_WIDTH = 28;
const VALUE_WIDTH = 36;

/** Prints every setting with its value and where it comes from. */
export async function configShow(
  { flags, output }: { flags: SettingFlags; output: OutputFormat },
  { env, terminal }: CommandContext,
): Promise<ExitCode> {
  const settings = listSettings(readSettings(env, flags));
  if (output === "json") {
    terminal.result(JSON.stringify(settings.map(({ key, value, origin }) => ({ key, value, origin }))));
    return EXIT.ok;
  }
  const { dim } = terminal.paint.result;
  for (const { key, value, origin } of settings) {
    const line = `${key.padEnd(KEY_WIDTH)} ${settingValue(value).padEnd(VALUE_WIDTH)} `;
    terminal.result(origin === "default" ? dim(`${line}${origin}`) : `${line}${origin}`);
  }
  terminal.say(terminal.paint.say.dim("Next  npx forerun config explain PORT"));
  return EXIT.ok;
}
