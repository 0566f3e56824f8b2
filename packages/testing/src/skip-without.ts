import { existsSync } from "node:fs";
import { type BinaryName, findBinary, installLine, locateBinary } from "@forerun/components/binaries";
import { describe, it } from "vitest";
import { sharedDataPath } from "./shared-data.ts";

/** `describe`, or what stands in for it where something is missing. */
type Suite = (title: string, body: () => void) => void;

/**
 * `describe` for suites that need a binary: without it, the suite is skipped under a name that says how to install it,
 * and fails where CI is set, so that a machine without the binary cannot pass unseen.
 */
export function skipWithout(name: BinaryName, env: NodeJS.ProcessEnv = process.env): Suite {
  if (locateBinary(name, env) !== undefined) return (title, body) => describe(title, body);
  if (env.CI) return (title) => describe(title, () => it(`needs ${name}`, () => void findBinary(name, env)));
  return (title, body) => describe.skip(`${title} (needs ${name}: ${installLine(name)})`, body);
}

/** `describe` for suites that read a public data set: skipped by name where it is missing, as the sets are not part of the repository. */
export function skipWithoutData(name: string, env: NodeJS.ProcessEnv = process.env): Suite {
  if (existsSync(sharedDataPath(name, env))) return (title, body) => describe(title, body);
  return (title, body) => describe.skip(`${title} (needs ${name} in FORERUN_DATA_DIR)`, body);
}
