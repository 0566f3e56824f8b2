import { cliPage } from "./cli-page.ts";
import { configSchema } from "./config-schema.ts";
import { configurationPage } from "./configuration-page.ts";

/** Pages that are made from the code: path below the root, and what it has to hold. */
export function generatedDocs(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/cli.md", cliPage()],
    ["docs/configuration.md", configurationPage()],
    ["docs/forerun.schema.json", configSchema()],
  ]);
}
