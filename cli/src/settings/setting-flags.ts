import type { Environment } from "@forerun/runtime/config";
import type { EnvironmentName } from "@forerun/runtime/environment";
import type { Command } from "commander";

/** Flags that stand for an environment variable and win over it. */
const FLAGS = {
  host: { name: "HOST", flag: "--host <address>", help: "address to listen on" },
  port: { name: "PORT", flag: "--port <port>", help: "port of HTTP" },
  grpcPort: { name: "GRPC_PORT", flag: "--grpc-port <port>", help: "port of gRPC" },
  dataDir: { name: "DATA_DIR", flag: "--data-dir <folder>", help: "folder of the embedded store" },
  toolsDir: { name: "TOOLS_DIR", flag: "--tools-dir <folder>", help: "folder of tool modules" },
  config: { name: "CONFIG", flag: "--config <file>", help: "configuration file" },
} as const satisfies Record<string, { name: EnvironmentName; flag: string; help: string }>;

export type SettingFlags = { readonly [Key in keyof typeof FLAGS]?: string };

export function addSettingFlags(command: Command): Command {
  for (const { flag, help } of Object.values(FLAGS)) command.option(flag, help);
  return command;
}

/** The environment with the flags laid over it. */
export function withFlags(env: Environment, flags: SettingFlags): Environment {
  const merged: Record<string, string | undefined> = { ...env };
  for (const [key, { name }] of Object.entries(FLAGS)) {
    const value = flags[key as keyof SettingFlags];
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/** The flag that sets a variable in this call, for telling where a value comes from. */
export function flagOf(name: string, flags: SettingFlags): string | undefined {
  for (const [key, entry] of Object.entries(FLAGS)) {
    if (entry.name === name && flags[key as keyof SettingFlags] !== undefined)
      return entry.flag.split(" ")[0];
  }
  return undefined;
}
