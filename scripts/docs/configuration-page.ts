import { defaultOf, describeSchema, kindOf } from "@forerun/cli/settings/schema-facts";
import { settingValue } from "@forerun/cli/settings/setting-value";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { FILE_CONFIG } from "@forerun/runtime/file-config";
import { unwrap } from "@forerun/runtime/known-keys";
import { z } from "zod";

const INTRODUCTION = `# Configuration

Made from the code by \`npm run docs\`. A flag wins over an environment variable, a variable over the file, the file over the
default. \`npx forerun config show\` prints every value with its origin, \`config explain KEY\` one of them, and \`config
validate\` checks all of it and lists every fault at once. An unknown key in the file is an error. Standard \`OTEL_*\` variables
configure the export of traces.

## Environment
`;

const FILE_INTRODUCTION = `## File

\`forerun.yaml\` in the working folder, or where \`CONFIG\` says; in editors, \`docs/forerun.schema.json\` completes and checks it.
\`*\` stands for a name of your choice, \`[]\` for each entry of a list. The tier \`judge\` is
checked and not used yet.

\`\`\`yaml
models:
  tiers:
    route:  [{url: http://localhost:11434/v1, model: small, timeout: 10s}]
    answer: [{url: https://api.openai.com/v1, model: large, key: env:OPENAI_API_KEY}]
tools: {enabled: ["*"], get_weather: {timeout: 3s, cache_ttl: 10m}}
cache: {enabled: true, model_ttl: 60s}
limits: {message_bytes: 262144, max_model_calls: 2, max_tool_calls: 8, deadline: 60s}
\`\`\`
`;

const HEAD = "| key | takes | default | meaning |\n|---|---|---|---|";

/** docs/configuration.md: every variable and every key of the file. */
export function configurationPage(): string {
  const variables: Record<string, z.ZodType> = ENVIRONMENT.shape;
  const environment = Object.entries(variables).map(([key, schema]) => row(key, schema));
  const file = fileRows(FILE_CONFIG, "");
  return `${[INTRODUCTION, HEAD, ...environment].join("\n")}\n\n${[FILE_INTRODUCTION, HEAD, ...file].join("\n")}\n`.replace(
    "## Environment\n\n|",
    "## Environment\n\n|",
  );
}

function fileRows(schema: z.ZodType, path: string): string[] {
  const inner = unwrap(schema);
  const below = (name: string) => (path === "" ? name : `${path}.${name}`);
  if (inner instanceof z.ZodRecord) return fileRows(inner.valueType as z.ZodType, below("*"));
  if (inner instanceof z.ZodArray && unwrap(inner.element as z.ZodType) instanceof z.ZodObject) {
    return [row(path, schema), ...listRows(path, inner.element as z.ZodType)];
  }
  if (!(inner instanceof z.ZodObject)) return [row(path, schema)];
  const shape: Record<string, z.ZodType> = inner.shape;
  const named = Object.entries(shape).flatMap(([name, child]) => fileRows(child, below(name)));
  const free = inner.def.catchall as z.ZodType | undefined;
  return free && !(free instanceof z.ZodNever) ? [...named, ...fileRows(free, below("*"))] : named;
}

/** All tiers hold the same kind of entry: it is described once, at the first of them. */
function listRows(path: string, entry: z.ZodType): string[] {
  return path === "models.tiers.route" ? fileRows(entry, `${path}[]`) : [];
}

function row(key: string, schema: z.ZodType): string {
  const fallback = defaultOf(schema);
  const shown = fallback === undefined ? "–" : `\`${settingValue(fallback)}\``;
  return `| \`${key}\` | ${cell(kindOf(schema))} | ${shown} | ${cell(describeSchema(schema))} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
