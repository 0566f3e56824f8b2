/** `npm run gateway:render -- [--values FILE] [-o envoy.yaml]`: the configuration of Envoy that a values file stands for. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { render } from "./render.ts";
import { parseValues } from "./values.ts";

const USAGE = "npm run gateway:render -- [--values FILE] [-o FILE]";
const DEFAULT_VALUES = fileURLToPath(new URL("../values.yaml", import.meta.url));

try {
  const { values } = parseArgs({
    options: {
      values: { type: "string", default: DEFAULT_VALUES },
      output: { type: "string", short: "o" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) process.stdout.write(`${USAGE}\n`);
  else {
    const text = render(parseValues(await readFile(values.values, "utf8")));
    if (values.output === undefined) process.stdout.write(text);
    else await writeFile(values.output, text);
  }
} catch (fault) {
  process.stderr.write(`✖ ${fault instanceof Error ? fault.message : String(fault)}\n  ${USAGE}\n`);
  process.exitCode = 2;
}
