import { ConfigError } from "@forerun/runtime/config-fault";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { FILE_CONFIG } from "@forerun/runtime/file-config";
import { descend } from "@forerun/runtime/known-keys";
import { nearest } from "@forerun/runtime/nearest";
import type { z } from "zod";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readSettings } from "../settings/read-settings.ts";
import { defaultOf, describeSchema, kindOf } from "../settings/schema-facts.ts";
import type { SettingFlags } from "../settings/setting-flags.ts";
import { settingValue } from "../settings/setting-value.ts";
import { listSettings, type Setting } from "../settings/settings.ts";

export type ConfigExplainInput = { key: string; flags: SettingFlags; output: OutputFormat };

/** Explains one setting. Works while the configuration is wrong too, then without its value. */
export async function configExplain(
  { key: written, flags, output }: ConfigExplainInput,
  { env, terminal }: CommandContext,
): Promise<ExitCode> {
  const key = written.replace(/\[\d+\]/g, "");
  const schema = schemaAt(key);
  if (!schema) throw unknownKey(key);
  const explained = {
    key,
    description: describeSchema(schema),
    kind: kindOf(schema),
    default: defaultOf(schema) ?? null,
    ...inForce(key, () => listSettings(readSettings(env, flags))),
  };
  if (output === "json") {
    terminal.result(JSON.stringify(explained));
    return EXIT.ok;
  }
  terminal.result(`${key}  ${explained.description}`);
  terminal.result(`  takes    ${explained.kind}`);
  terminal.result(`  default  ${settingValue(explained.default)}`);
  terminal.result(`  value    ${settingValue(explained.value)}  (${explained.origin})`);
  terminal.say(terminal.paint.say.dim("Next  npx forerun config show"));
  return EXIT.ok;
}

function inForce(key: string, read: () => Setting[]): { value: unknown; origin: string } {
  try {
    const setting = read().find((candidate) => candidate.key === key);
    return { value: setting?.value ?? null, origin: setting?.origin ?? "default" };
  } catch (fault) {
    if (fault instanceof ConfigError)
      return { value: null, origin: "unknown until forerun config validate passes" };
    throw fault;
  }
}

function schemaAt(key: string): z.ZodType | undefined {
  const variables: Record<string, z.ZodType> = ENVIRONMENT.shape;
  if (Object.hasOwn(variables, key)) return variables[key];
  return key
    .split(".")
    .reduce<z.ZodType | undefined>((schema, part) => schema && descend(schema, part), FILE_CONFIG);
}

function unknownKey(key: string): ConfigError {
  const noFile = { config: FILE_CONFIG.parse({}), raw: {}, lines: new Map<string, number>() };
  const known = listSettings({ env: {}, flags: {}, file: noFile, fileName: "" }).map(
    (setting) => setting.key,
  );
  const suggestion = nearest(key, known);
  const problem = `unknown key${suggestion ? ` … did you mean ${suggestion}?` : ""}`;
  return new ConfigError([{ code: "FR-E1201", where: "forerun config explain", key, problem }]);
}
