import { ENVIRONMENT } from "@forerun/runtime/environment";
import { fileConfigOf } from "../../scripts/k8s/file-config-of.ts";
import type { Manifest, Workload } from "../../scripts/k8s/manifest.ts";
import type { Addresses, Say } from "./addresses.ts";

/** What secrets hold, by name and key; no manifest does. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type Ground = Readonly<{ addresses: Addresses; secrets: Secrets; say: Say }>;

/** Ports that a process opens, and the host that it opens them on: of a container there, of this machine here. */
const PORTS = ["PORT", "GRPC_PORT"] as const;

/**
 * The variables of a workload's container, as they are here. Throws for one that the code does not know, and for one that refers to a
 * secret which is not there.
 */
export async function environmentOf(
  workload: Workload,
  objects: readonly Manifest[],
  pathOf: (path: string) => string,
  { addresses, secrets, say }: Ground,
): Promise<Record<string, string>> {
  const service = workload.metadata.name;
  const { named } = fileConfigOf(workload, objects);
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of workload.spec.template.spec.containers[0]?.env ?? []) {
    if (!(name in ENVIRONMENT.shape) && !name.startsWith("OTEL_") && !named.has(name))
      throw new Error(`${service} is given ${name}, which no code reads`);
    const secret = valueFrom?.secretKeyRef;
    const given = secret ? secrets[secret.name]?.[secret.key] : value;
    if (given === undefined) {
      if (secret?.optional) continue;
      throw new Error(
        `${service}: ${name} refers to ${secret?.name}/${secret?.key}, which nobody is told to make`,
      );
    }
    env[name] = secret ? given : pathOf(await addresses.localise(given));
    if (!secret && env[name] !== given) say(`value    ${service} ${name}: ${given} is ${env[name]}`);
  }
  if (env.HOST) say(`value    ${service} HOST: ${env.HOST} is 127.0.0.1`);
  return { ...env, ...(await opened(service, env, addresses)) };
}

async function opened(
  service: string,
  env: Readonly<Record<string, string>>,
  addresses: Addresses,
): Promise<Record<string, string>> {
  const local: Record<string, string> = {};
  for (const name of PORTS)
    if (env[name]) local[name] = String(await addresses.portOf(service, Number(env[name])));
  const metrics = env.METRICS_ADDR?.split(":")[1];
  if (metrics) local.METRICS_ADDR = `127.0.0.1:${await addresses.portOf(service, Number(metrics))}`;
  if (env.HOST) local.HOST = "127.0.0.1";
  return local;
}
