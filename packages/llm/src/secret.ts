import { readFileSync } from "node:fs";
import type { Environment } from "@forerun/runtime/config";
import { ConfigError } from "@forerun/runtime/config-fault";

/** The secret that a reference names: `env:NAME` or `file:PATH`. `key`: the setting that holds the reference, for the error. */
export function readSecret(reference: string, key: string, env: Environment): string {
  const [, source = "", place = ""] = /^(env|file):(.+)$/.exec(reference) ?? [];
  const secret = (source === "file" ? readText(place) : env[place])?.trim();
  if (secret) return secret;
  const problem = `expected a secret in ${source === "file" ? "the file" : "the variable"} ${place}, got nothing`;
  throw new ConfigError([{ code: "FR-E1203", where: "forerun.yaml", key, problem }]);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
