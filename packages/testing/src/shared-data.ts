import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const DEFAULT_FOLDER = fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** Path of a public data set kept outside the repository: FORERUN_DATA_DIR, else ../shared/data beside it. */
export function sharedDataPath(name: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(resolve(env.FORERUN_DATA_DIR ?? DEFAULT_FOLDER), name);
}

const DEFAULT_MODELS = fileURLToPath(new URL("../../../../shared/models", import.meta.url));

/** Folder of a model kept outside the repository: in FORERUN_MODELS_DIR, else in ../shared/models beside it. */
export function sharedModelPath(name: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(resolve(env.FORERUN_MODELS_DIR ?? DEFAULT_MODELS), name);
}
