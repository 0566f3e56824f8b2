import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { type RoutingCase, routingCaseSchema } from "./routing-case.ts";

/** `faults` are sentences that begin with the file and, where there is one, the case's id; with any, `cases` are not to be used. */
export type ReadCases = Readonly<{ cases: readonly RoutingCase[]; faults: readonly string[] }>;

type Found = { cases: RoutingCase[]; faults: string[]; seenIn: Map<string, string> };

/** Reads case files, and the YAML files of folders. Reports every fault of every file, and ids that stand twice. */
export function readCases(paths: readonly string[]): ReadCases {
  const found: Found = { cases: [], faults: [], seenIn: new Map() };
  for (const path of paths) {
    try {
      for (const file of filesOf(path)) readFile(file, found);
    } catch (error) {
      found.faults.push(`${path}: ${(error as Error).message}`);
    }
  }
  if (found.cases.length === 0 && found.faults.length === 0)
    found.faults.push(`${paths.join(", ")}: no cases`);
  return found;
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

function readFile(file: string, found: Found): void {
  const list = z.array(z.unknown()).safeParse(parsed(file, found.faults));
  if (!list.success) {
    found.faults.push(`${file}: expected a list of cases`);
    return;
  }
  for (const [index, entry] of list.data.entries()) readCase(entry, { file, index }, found);
}

/** The file's content; what is no YAML is reported and read as an empty list. */
function parsed(file: string, faults: string[]): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    faults.push(`${file}: ${(error as Error).message.split("\n")[0]}`);
    return [];
  }
}

function readCase(entry: unknown, { file, index }: { file: string; index: number }, found: Found): void {
  const result = routingCaseSchema.safeParse(entry);
  if (!result.success) {
    const place = `${file}: ${idOf(entry) ?? `case ${index + 1}`}`;
    for (const { path, message } of result.error.issues)
      found.faults.push(`${place}: ${[path.join("."), message].filter(Boolean).join(": ")}`);
    return;
  }
  const { id } = result.data;
  const earlier = found.seenIn.get(id);
  if (earlier === undefined) found.seenIn.set(id, file);
  else found.faults.push(`${file}: ${id}: the id stands already in ${earlier}`);
  found.cases.push(result.data);
}

function idOf(entry: unknown): string | undefined {
  const result = z.looseObject({ id: z.string() }).safeParse(entry);
  return result.success ? result.data.id : undefined;
}
