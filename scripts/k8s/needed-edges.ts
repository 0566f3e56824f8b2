import { ENVIRONMENT } from "@forerun/runtime/environment";
import { parse } from "yaml";
import { fileConfigOf } from "./file-config-of.ts";
import {
  type ConfigMap,
  containersOf,
  type EnvVariable,
  type Labels,
  type Manifest,
  ofKind,
  podLabels,
  type Workload,
  workloadsOf,
} from "./manifest.ts";
import { ANYWHERE, OUTSIDE } from "./network-policy.ts";
import { isBundled, type ReadsOf } from "./reads.ts";
import { serviceIn } from "./rules/environment.ts";
import { matches } from "./selector.ts";

/** Servers whose address is in a Secret, by the variable that holds it. */
const SERVERS: Readonly<Record<string, { name: string; port: number }>> = {
  DATABASE_URL: { name: "postgres", port: 5432 },
  NATS_URL: { name: "nats", port: 4222 },
  REDIS_URL: { name: "redis", port: 6379 },
};

const HTTPS = 443;
const KEDA = { port: 9090 };

/** `dns:///router:8081`, `http://jaeger:4318`, `redis:6379`: a pod's name, not the address of a host elsewhere. */
const NAMED = /^(?:\w+:\/\/\/?)?([a-z][a-z0-9-]*):(\d+)\/?$/;

/** Edges that what runs here uses, `from → to:port`, as its variables, its code and its configuration files say. */
export function neededEdges(objects: readonly Manifest[], readsOf: ReadsOf): Set<string> {
  const workloads = workloadsOf(objects);
  const here = new Set(workloads.map(({ metadata }) => metadata.name));
  const edges = new Set<string>();
  for (const workload of workloads) {
    const from = workload.metadata.name;
    for (const target of targetsOf(workload, objects, here, readsOf)) edges.add(`${from} → ${target}`);
  }
  for (const target of publicTargets(objects, workloads)) edges.add(`${ANYWHERE} → ${target}`);
  if (ofKind(objects, "ScaledObject").length > 0) edges.add(`keda → prometheus:${KEDA.port}`);
  return edges;
}

function targetsOf(
  workload: Workload,
  objects: readonly Manifest[],
  here: ReadonlySet<string>,
  readsOf: ReadsOf,
): string[] {
  const variables = containersOf(workload).flatMap(({ env = [] }) => env);
  const image = serviceIn(containersOf(workload)[0]?.image ?? "");
  const asksWorld = isBundled(image) && readsWorld(variables, readsOf(image).all);
  return [
    ...variables.flatMap((variable) => variableTarget(variable, here)),
    ...fileTargets(workload, objects).filter((target) => here.has(target.split(":")[0] ?? "")),
    ...(image === "chat" ? laneTargets(workload, objects) : []),
    ...(asksWorld ? [`${OUTSIDE}:${HTTPS}`] : []),
  ];
}

function variableTarget({ name, value, valueFrom }: EnvVariable, here: ReadonlySet<string>): string[] {
  const server = valueFrom?.secretKeyRef && SERVERS[name];
  if (server) return [`${here.has(server.name) ? server.name : OUTSIDE}:${server.port}`];
  const [, host, port] = NAMED.exec(value ?? "") ?? [];
  return host === undefined ? [] : [`${host}:${port}`];
}

/** Models have a key, and tools back ends that are public unless they are said to be elsewhere. */
function readsWorld(given: readonly EnvVariable[], reads: ReadonlySet<string>): boolean {
  const defaults: Record<string, unknown> = ENVIRONMENT.partial().parse({});
  const publicBackEnd = [...reads].some((name) => String(defaults[name] ?? "").startsWith("https://"));
  return publicBackEnd || given.some(({ name }) => name === "OPENAI_API_KEY");
}

/** Executors of lanes, whom chat asks while NATS is away. */
function laneTargets(workload: Workload, objects: readonly Manifest[]): string[] {
  const lanes = Object.values(fileConfigOf(workload, objects).parsed.data?.lanes ?? {});
  return lanes.flatMap(({ tool_executor: value }) => variableTarget({ name: "", value }, new Set()));
}

/** What the configuration files of Envoy and Prometheus have their programs ask. One that is not here is not asked. */
function fileTargets(workload: Workload, objects: readonly Manifest[]): string[] {
  const mounted = new Set(workload.spec.template.spec.volumes?.map(({ configMap }) => configMap?.name));
  return ofKind<ConfigMap>(objects, "ConfigMap")
    .filter(({ metadata }) => mounted.has(metadata.name))
    .flatMap(({ data = {} }) => [
      ...envoyTargets(data["envoy.yaml"]),
      ...scrapeTargets(data["prometheus.yml"]),
    ]);
}

function envoyTargets(text: string | undefined): string[] {
  if (text === undefined) return [];
  const { clusters } = (parse(text) as { static_resources: { clusters: object[] } }).static_resources;
  const addresses = JSON.stringify(clusters).matchAll(/"address":"([^"]+)","port_value":(\d+)/g);
  return [...addresses].map(([, host, port]) => `${host}:${port}`);
}

function scrapeTargets(text: string | undefined): string[] {
  if (text === undefined) return [];
  type Job = { dns_sd_configs?: { names: string[]; port: number }[] };
  const { scrape_configs: jobs } = parse(text) as { scrape_configs: Job[] };
  const lookUps = jobs.flatMap(({ dns_sd_configs = [] }) => dns_sd_configs);
  return lookUps.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`));
}

type Service = Manifest & {
  spec: { type?: string; selector?: Labels; ports: { targetPort: string | number }[] };
};

/** Pods that a balancer of the cloud sends strangers to. */
function publicTargets(objects: readonly Manifest[], workloads: readonly Workload[]): string[] {
  return ofKind<Service>(objects, "Service")
    .filter(({ spec }) => spec.type === "LoadBalancer")
    .flatMap(({ spec }) =>
      workloads
        .filter((workload) => matches({ matchLabels: spec.selector ?? {} }, podLabels(workload)))
        .flatMap((workload) => {
          const open = containersOf(workload).flatMap(({ ports = [] }) => ports);
          const numbers = spec.ports.map(
            ({ targetPort }) => open.find(({ name }) => name === targetPort)?.containerPort,
          );
          return numbers.map((port) => `${workload.metadata.name}:${port}`);
        }),
    );
}
