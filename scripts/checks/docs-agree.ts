/** Docs and code say the same: error codes and their pages, variables, pages made from the code, built-in tools, and no word of any one machine. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ERROR_CATALOG } from "@forerun/runtime/error-catalog";
import { createBuiltInTools } from "@forerun/tool-executor/built-in-tools";
import { generatedDocs } from "../docs/generated-docs.ts";
import { errorPageFaults } from "./error-pages.ts";
import { foreignWordFaults } from "./foreign-words.ts";
import { securityTestFaults } from "./security-tests.ts";
import { stalePageFaults } from "./stale-pages.ts";
import { type TabledTool, toolTableFaults } from "./tool-table.ts";
import { unknownVariableFaults } from "./unknown-variables.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const PRODUCT_FOLDERS = /^(packages|services|cli|web)\//;
const GENERATED = /^packages\/contracts\/gen\//;

const files = trackedTexts();
const errorPages = new Map(
  readdirSync(join(ROOT, "docs/errors")).map((name) => [name, read(join("docs/errors", name))]),
);
const sources = new Map(
  [...files].filter(
    ([path]) =>
      PRODUCT_FOLDERS.test(path) &&
      path.endsWith(".ts") &&
      !GENERATED.test(path) &&
      !path.endsWith(".test.ts"),
  ),
);
const faults = [
  ...errorPageFaults(ERROR_CATALOG, errorPages),
  ...unknownVariableFaults(sources, Object.keys(ENVIRONMENT.shape)),
  ...stalePageFaults(generatedDocs(), readIfThere),
  ...foreignWordFaults(files),
  ...securityTestFaults(read("docs/security.md"), files),
  ...toolTableFaults(read("docs/api.md"), builtInTools()),
];
for (const fault of faults) console.error(`✖ ${fault}`);
console.error(
  `docs agree: ${errorPages.size} error pages, ${sources.size} sources, ${files.size} files looked at`,
);
process.exitCode = faults.length > 0 ? 1 : 0;

/** None of them is called, so nothing behind them is opened. */
function builtInTools(): TabledTool[] {
  const nowhere = "http://127.0.0.1:9";
  const { tools } = createBuiltInTools({
    forecastUrl: nowhere,
    geocodingUrl: nowhere,
    frankfurterUrl: nowhere,
    quoteUrl: nowhere,
    search: async () => ({ kind: "ok", snippets: [] }),
    now: () => new Date(),
  });
  const fields = (schema: object) => Object.keys((schema as { properties?: object }).properties ?? {});
  return tools.map(({ name, effect, input, output }) => {
    return { name, effect, takes: fields(input), gives: fields(output) };
  });
}

/** Text of every file that is in the repository, or about to be. */
function trackedTexts(): Map<string, string> {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const texts = new Map<string, string>();
  for (const path of listed.split("\n").filter(Boolean)) {
    const text = readIfThere(path);
    if (text !== undefined && !text.includes("\0")) texts.set(path, text);
  }
  return texts;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function readIfThere(path: string): string | undefined {
  try {
    return read(path);
  } catch {
    return undefined;
  }
}
