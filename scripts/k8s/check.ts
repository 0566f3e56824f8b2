/** `npm run k8s:check [-- NAME…]`: builds every combination, validates it and holds it against the rules. */

import { buildCombination, combinations } from "./combinations.ts";
import { staleGatewayFiles } from "./gateway-files.ts";
import { nameOf } from "./manifest.ts";
import { openRules } from "./rules.ts";
import { openSchemas } from "./schemas.ts";

const rules = openRules();
const validate = openSchemas();
const asked = process.argv.slice(2);
const faults: string[] = staleGatewayFiles();
for (const name of asked.length > 0 ? asked : combinations()) {
  const objects = buildCombination(name);
  const unfit = objects.flatMap((object) => validate(object).map((fault) => `${nameOf(object)}: ${fault}`));
  // Rules believe that objects have the shape of their kind.
  const broken =
    unfit.length > 0
      ? []
      : rules.flatMap(({ id, breaches }) => breaches(objects).map((said) => `[${id}] ${said}`));
  const found = [...unfit, ...broken];
  faults.push(...found.map((fault) => `${name}: ${fault}`));
  process.stdout.write(`${found.length === 0 ? "ok    " : "FAILED"}  ${name}  ${objects.length} objects\n`);
}
for (const fault of faults) process.stderr.write(`✖ ${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
