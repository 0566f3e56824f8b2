import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { ConfigError, type ConfigFault, describeIssue } from "./config-fault.ts";
import { FILE_CONFIG, type FileConfig } from "./file-config.ts";
import { knownKeys } from "./known-keys.ts";
import { nearest } from "./nearest.ts";

/** A configuration file that was read, with the place of every key. */
export type ConfigFile = {
  config: FileConfig;
  /** What the file says, as written: no defaults, durations as text. */
  raw: unknown;
  /** Line (from 1) of each key that the file sets, by its dotted path. */
  lines: ReadonlyMap<string, number>;
};

/** Where the file is looked for when nobody says; there alone it may be missing. */
export const DEFAULT_CONFIG_FILE = "./forerun.yaml";

/**
 * Reads forerun.yaml; at its default place a file that does not exist counts as empty.
 * Throws one ConfigError with every fault: FR-E1201 for unknown keys, FR-E1203 for bad values.
 */
export function readConfigFile(path: string): FileConfig {
  return readConfigFileWithLines(path).config;
}

/** As `readConfigFile`, for those who also tell where a value comes from. */
export function readConfigFileWithLines(path: string): ConfigFile {
  return parseConfigFile(readText(path), basename(path));
}

/** Parses the text of a configuration file; `name` is how messages call it. */
export function parseConfigFile(text: string, name: string): ConfigFile {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const lineOf = (offset: number) => counter.linePos(offset).line;
  throwFaults(
    document.errors.map((error) => ({
      code: "FR-E1203",
      where: `${name}:${lineOf(error.pos[0])}`,
      key: "syntax",
      problem: `expected YAML (${error.message.split("\n")[0]?.replace(/ at line.*$/, "") ?? "unreadable"})`,
    })),
  );
  const lines = keyLines(document, lineOf);
  const value: unknown = document.toJS() ?? {};
  const result = FILE_CONFIG.safeParse(value);
  if (result.success) return { config: result.data, raw: value, lines };
  throwFaults(result.error.issues.flatMap((issue) => faultsOf(issue, value, name, lines)));
  throw new Error("a failed parse names no issue");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (path === DEFAULT_CONFIG_FILE && (error as NodeJS.ErrnoException).code === "ENOENT") return "";
    const problem = `expected a readable file, got ${(error as NodeJS.ErrnoException).code ?? "an error"} for ${path}`;
    throw new ConfigError([{ code: "FR-E1203", where: basename(path), key: "CONFIG", problem }]);
  }
}

function faultsOf(
  issue: z.core.$ZodIssue,
  root: unknown,
  name: string,
  lines: ReadonlyMap<string, number>,
): ConfigFault[] {
  const place = (path: readonly PropertyKey[]) => `${name}:${nearestLine(path, lines)}`;
  if (issue.code !== "unrecognized_keys") {
    const problem = describeIssue(issue, valueAt(root, issue.path), issue.path.at(-1) === "key");
    return [{ code: "FR-E1203", where: place(issue.path), key: dotted(issue.path) || "file", problem }];
  }
  const known = knownKeys(FILE_CONFIG, issue.path);
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const suggestion = nearest(key, known);
    const hint = suggestion
      ? ` … did you mean ${dotted([...issue.path, suggestion])}?`
      : ` (known: ${known.join(", ")})`;
    return { code: "FR-E1201", where: place(path), key: dotted(path), problem: `unknown key${hint}` };
  });
}

function throwFaults(faults: readonly ConfigFault[]): void {
  const [first, ...rest] = faults;
  if (first) throw new ConfigError([first, ...rest]);
}

/** A missing key has no line of its own; the line of what should hold it is the next best. */
function nearestLine(path: readonly PropertyKey[], lines: ReadonlyMap<string, number>): number {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(dotted(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

function keyLines(document: Document.Parsed, lineOf: (offset: number) => number): Map<string, number> {
  const lines = new Map<string, number>();
  const visit = (node: unknown, path: readonly PropertyKey[]): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isPair(pair) || !isScalar(pair.key)) continue;
        const inner = [...path, String(pair.key.value)];
        lines.set(dotted(inner), lineOf(pair.key.range?.[0] ?? 0));
        visit(pair.value, inner);
      }
    } else if (hasItems(node)) {
      for (const [index, item] of node.items.entries()) {
        const inner = [...path, index];
        if (hasRange(item)) lines.set(dotted(inner), lineOf(item.range[0]));
        visit(item, inner);
      }
    }
  };
  visit(document.contents, []);
  return lines;
}

function hasItems(node: unknown): node is { items: unknown[] } {
  return typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items);
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}
