import type { z } from "zod";
import { ConfigError, type ConfigFault, describeIssue } from "./config-fault.ts";

/** Environment variables as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that a schema names (its keys are their names). An empty variable counts as unset.
 * Throws one ConfigError (FR-E1203) that lists every fault.
 */
export function readEnv<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name]?.trim();
    if (value) values[name] = value;
  }
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const [first, ...rest] = result.error.issues.map((issue) => faultOf(issue, values));
  if (!first) throw new Error("a failed parse names no issue");
  throw new ConfigError([first, ...rest]);
}

/** Variables that may hold a secret: their values appear in no message. */
export function isSecretName(name: string): boolean {
  return /(KEY|TOKEN|SECRET|PASSWORD|DATABASE_URL)$/i.test(name);
}

function faultOf(issue: z.core.$ZodIssue, values: Readonly<Record<string, string>>): ConfigFault {
  const name = String(issue.path[0] ?? "environment");
  const problem = describeIssue(issue, values[name], isSecretName(name));
  return { code: "FR-E1203", where: "environment", key: name, problem };
}
