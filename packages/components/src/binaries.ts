import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Which component of scripts/components.sh brings a binary. */
const COMPONENT_OF = {
  initdb: "postgres",
  postgres: "postgres",
  psql: "postgres",
  grpcurl: "grpcurl",
  chromium: "chromium",
  "nats-server": "nats",
  "redis-server": "redis",
  kustomize: "kustomize",
  envoy: "envoy",
  ratelimit: "ratelimit",
  toxiproxy: "toxiproxy",
  prometheus: "prometheus",
  promtool: "prometheus",
} as const;

export type BinaryName = keyof typeof COMPONENT_OF;

/** Where scripts/components.sh installs to unless FORERUN_BIN says otherwise. */
const DEFAULT_FOLDER = fileURLToPath(new URL("../../../.cache/bin", import.meta.url));

/** The command that installs a binary. */
export function installLine(name: BinaryName): string {
  return `bash scripts/components.sh ${COMPONENT_OF[name]}`;
}

/** Absolute path of a binary: FORERUN_BIN first, then .cache/bin of the repository, then PATH. */
export function locateBinary(name: BinaryName, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [env.FORERUN_BIN, DEFAULT_FOLDER, ...(env.PATH ?? "").split(delimiter)];
  return folders
    .filter((folder): folder is string => Boolean(folder))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** As locateBinary, but a missing one is an error that names the line to install it. */
export function findBinary(name: BinaryName, env: NodeJS.ProcessEnv = process.env): string {
  const path = locateBinary(name, env);
  if (path !== undefined) return path;
  throw new Error(
    `${name} not found: run "${installLine(name)}", or set FORERUN_BIN to the folder that holds it`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
