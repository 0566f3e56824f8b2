import { type Environment, isSecretName } from "@forerun/runtime/config";
import type { ConfigFile } from "@forerun/runtime/config-file";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { FILE_CONFIG } from "@forerun/runtime/file-config";
import { hideCredentials } from "@forerun/runtime/hide-credentials";
import { unwrap } from "@forerun/runtime/known-keys";
import { z } from "zod";
import { defaultOf, describeSchema } from "./schema-facts.ts";
import { flagOf, type SettingFlags } from "./setting-flags.ts";

/** One setting as it is in force, and where that comes from. */
export type Setting = {
  /** PORT, or limits.deadline. */
  key: string;
  /** As a person would write it; null when it is not set and has no default. Secrets are never shown. */
  value: unknown;
  /** "flag --port", "env", "forerun.yaml:14" or "default". */
  origin: string;
  description: string;
};

export type SettingSources = {
  /** The environment with the flags laid over it. */
  env: Environment;
  flags: SettingFlags;
  file: ConfigFile;
  /** How origins call the file. */
  fileName: string;
};

/** Every setting: the variables first, then the keys of the file. Precedence: flag, env, file, default. */
export function listSettings(sources: SettingSources): Setting[] {
  const all = [...variableSettings(sources), ...fileSettings(sources, FILE_CONFIG, sources.file.raw, "")];
  return all.map((setting) => ({ ...setting, value: showable(setting.value) }));
}

/** Addresses may hold a key or a password. */
function showable(value: unknown): unknown {
  if (value === null || value === undefined) return value;
  return JSON.parse(
    JSON.stringify(value, (_, inner) => (typeof inner === "string" ? hideCredentials(inner) : inner)),
  );
}

function variableSettings({ env, flags }: SettingSources): Setting[] {
  const shape: Record<string, z.ZodType> = ENVIRONMENT.shape;
  return Object.entries(shape).map(([key, schema]) => {
    const given = env[key]?.trim() || undefined;
    const flag = flagOf(key, flags);
    return {
      key,
      value:
        given === undefined ? (defaultOf(schema) ?? null) : isSecretName(key) ? "(set, not shown)" : given,
      origin: flag ? `flag ${flag}` : given === undefined ? "default" : "env",
      description: describeSchema(schema),
    };
  });
}

function fileSettings(sources: SettingSources, schema: z.ZodType, raw: unknown, path: string): Setting[] {
  const inner = unwrap(schema);
  const children = childSchemas(inner, raw);
  if (!children) return [fileSetting(sources, schema, raw, path)];
  return children.flatMap(([key, child]) =>
    fileSettings(sources, child, entryOf(raw, key), path === "" ? key : `${path}.${key}`),
  );
}

/** Keys below a mapping: those the schema names, then those that the file adds where names are free. */
function childSchemas(schema: z.ZodType, raw: unknown): [string, z.ZodType][] | undefined {
  const present = typeof raw === "object" && raw !== null ? Object.keys(raw) : [];
  if (schema instanceof z.ZodRecord) return present.map((key) => [key, schema.valueType as z.ZodType]);
  if (!(schema instanceof z.ZodObject)) return undefined;
  const shape: Record<string, z.ZodType> = schema.shape;
  const free = schema.def.catchall as z.ZodType | undefined;
  const added = free ? present.filter((key) => !(key in shape)) : [];
  return [...Object.entries(shape), ...added.map((key): [string, z.ZodType] => [key, free as z.ZodType])];
}

function fileSetting(
  { file, fileName }: SettingSources,
  schema: z.ZodType,
  raw: unknown,
  key: string,
): Setting {
  const line = file.lines.get(key);
  return {
    key,
    value: raw ?? defaultOf(schema) ?? null,
    origin: line === undefined ? "default" : `${fileName}:${line}`,
    description: describeSchema(schema),
  };
}

function entryOf(raw: unknown, key: string): unknown {
  return typeof raw === "object" && raw !== null ? Reflect.get(raw, key) : undefined;
}
