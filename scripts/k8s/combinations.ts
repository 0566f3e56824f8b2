import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBinary } from "@forerun/components/binaries";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "./manifest.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const K8S = join(ROOT, "deploy/k8s");

/** Fewer means that something is not looked at any more. */
const LEAST = 10;

/** Folders, below deploy/k8s, that stand for a whole deployment. Throws when there are suspiciously few. */
export function combinations(): string[] {
  const found = ["overlays", "tests"].flatMap((kind) =>
    readdirSync(join(K8S, kind)).map((name) => `${kind}/${name}`),
  );
  if (found.length < LEAST) throw new Error(`only ${found.length} combinations were seen under deploy/k8s`);
  return found;
}

/** What kustomize makes of one. Throws with its words where it makes nothing. */
export function buildCombination(name: string): Manifest[] {
  const text = execFileSync(findBinary("kustomize"), ["build", join(K8S, name)], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  if (objects.length === 0) throw new Error(`${name} builds to nothing`);
  return objects;
}
