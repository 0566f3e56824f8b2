import { existsSync } from "node:fs";
import { type BinaryName, findBinary, installLine, locateBinary } from "@forerun/components/binaries";
import { INSTALL_LINE, loadOnnxRuntime } from "@forerun/embeddings/local/onnx-runtime";
import { describe, it } from "vitest";
import { sharedDataPath, sharedModelPath } from "./shared-data.ts";

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

/** The sentence model of tests. */
export const SENTENCE_MODEL = "all-MiniLM-L6-v2";

/** `describe` for suites that read the sentence model's folder, which is no part of the repository either. */
export function skipWithoutModelFolder(env: NodeJS.ProcessEnv = process.env): Suite {
  if (existsSync(sharedModelPath(SENTENCE_MODEL, env))) return (title, body) => describe(title, body);
  return (title, body) => describe.skip(`${title} (needs ${SENTENCE_MODEL} in FORERUN_MODELS_DIR)`, body);
}

/** `describe` for suites that run the sentence model: its folder may be missing, the runtime only where CI is not set. */
export function skipWithoutSentenceModel(env: NodeJS.ProcessEnv = process.env): Suite {
  try {
    loadOnnxRuntime();
  } catch (missing) {
    if (!env.CI) return (title, body) => describe.skip(`${title} (needs the runtime: ${INSTALL_LINE})`, body);
    return (title) =>
      describe(title, () =>
        it("needs onnxruntime-node", () => {
          throw missing;
        }),
      );
  }
  return skipWithoutModelFolder(env);
}
