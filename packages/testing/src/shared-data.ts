import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const DEFAULT_FOLDER = fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** Path of a public data set kept outside the repository: FORERUN_DATA_DIR, else ../shared/data beside it. */
export function sharedDataPath(name: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(resolve(env.FORERUN_DATA_DIR ?? DEFAULT_FOLDER), name);
}
