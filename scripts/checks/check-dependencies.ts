import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from "dependency-cruiser";

/** Fewer modules than this means that the check looked in the wrong place. */
const LEAST_MODULES = 30;
const FOLDERS = ["packages", "services", "cli", "web", "gateway", "bench", "evals", "tests", "scripts"];
const RULES = new URL("../../.dependency-cruiser.cjs", import.meta.url);

/** Sentences about who imports whom against the rules; empty when all is well. */
export async function dependencyFaults(
  root: string,
  { least = LEAST_MODULES, folders = FOLDERS }: { least?: number; folders?: readonly string[] } = {},
): Promise<string[]> {
  const { default: rules } = (await import(RULES.href)) as {
    default: IFlattenedRuleSet & { options: ICruiseOptions };
  };
  const options: ICruiseOptions = { ...rules.options, baseDir: root, validate: true, ruleSet: rules };
  const { output } = await cruise([...folders], options, rules.options.enhancedResolveOptions as object);
  const { summary } = output as ICruiseResult;
  const faults = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  if (summary.totalCruised >= least) return faults;
  return [...faults, `only ${summary.totalCruised} modules were seen: expected at least ${least}`];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const faults = await dependencyFaults(join(fileURLToPath(import.meta.url), "../../.."));
  for (const fault of faults) console.error(`✖ ${fault}`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
