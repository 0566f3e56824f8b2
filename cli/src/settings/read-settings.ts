import { basename } from "node:path";
import { readEmbeddings } from "@forerun/embeddings/settings";
import { MODEL_TIERS, readTier } from "@forerun/llm/model-settings";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ConfigError, type ConfigFault } from "@forerun/runtime/config-fault";
import { DEFAULT_CONFIG_FILE, readConfigFileWithLines } from "@forerun/runtime/config-file";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { type SettingFlags, withFlags } from "./setting-flags.ts";
import type { SettingSources } from "./settings.ts";

/** Reads flags, environment and file. Throws one ConfigError with the faults of all of them. */
export function readSettings(processEnv: Environment, flags: SettingFlags): SettingSources {
  const env = withFlags(processEnv, flags);
  const path = env.CONFIG?.trim() || DEFAULT_CONFIG_FILE;
  const faults: ConfigFault[] = [];
  const variables = collect(faults, () => readEnv(ENVIRONMENT, env));
  const file = collect(faults, () => readConfigFileWithLines(path));
  if (variables && file) {
    for (const tier of MODEL_TIERS) collect(faults, () => readTier(tier, variables, file.config.models, env));
    collect(faults, () => readEmbeddings(env, file.config));
  }
  const [first, ...rest] = uniqueFaults(faults);
  if (first) throw new ConfigError([first, ...rest]);
  if (!file) throw new Error("a file that was not read names no fault");
  return { env, flags, file, fileName: basename(path) };
}

/** What was read, for a person who asks whether it is right. */
export function namesOfSources({ file, fileName }: SettingSources): string {
  if (file.lines.size === 0) return `the environment (nothing is set in ${fileName})`;
  return `the environment and ${fileName}`;
}

function collect<T>(faults: ConfigFault[], read: () => T): T | undefined {
  try {
    return read();
  } catch (fault) {
    if (!(fault instanceof ConfigError)) throw fault;
    faults.push(...fault.faults);
    return undefined;
  }
}

/** Two tiers may complain about the same variable. */
function uniqueFaults(faults: readonly ConfigFault[]): ConfigFault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}
