/**
 * A deployment's manifests, held against the code: the five bundles run with the variables, files, ports and probes that the
 * manifests give them, on real servers and behind a real Envoy, and answer a question.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "@forerun/components/nats";
import { startPostgres } from "@forerun/components/postgres";
import { startRedis } from "@forerun/components/redis";
import { DisposalStack } from "@forerun/runtime/disposal";
import { SPANS } from "@forerun/telemetry/names";
import { type SpanReceiver, startSpanReceiver } from "@forerun/testing/spans/span-receiver";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { buildBundle } from "../../scripts/build/build-bundle.ts";
import type { BundledName } from "../../scripts/build/bundled.ts";
import { type Manifest, type Workload, workloadsOf } from "../../scripts/k8s/manifest.ts";
import { Addresses, type Say } from "./addresses.ts";
import { type BundleProcess, runBundle, startBundle } from "./bundle-process.ts";
import { environmentOf, type Ground, type Secrets } from "./container-environment.ts";
import { startGateway } from "./gateway.ts";
import { layMounts, type OwnConfig } from "./mounted-files.ts";

const SERVICES = ["memory", "tool-executor", "router", "answer", "chat"] as const;
/** As the Dockerfile has it. */
const IMAGE_ENV = { NODE_ENV: "production" };
const TRACE_WITHIN_MS = 30_000;

export type Stopped = { service: string; code: number | string; ms: number; graceMs: number };
export type Report = {
  answer: string;
  traced: string[];
  startedMs: Record<string, number>;
  stopped: Stopped[];
};

type Deployment = Ground & {
  objects: readonly Manifest[];
  own: OwnConfig;
  /** What the containers' file systems are below. */
  folder: string;
};

/** Runs a deployment. Throws for whatever does not fit. */
export async function runManifests(objects: readonly Manifest[], say: Say): Promise<Report> {
  await using stack = new DisposalStack();
  const folder = await mkdtemp(join(tmpdir(), "forerun-no-drift-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const issuer = await makeIssuer(variableOf(objects, "chat", "JWT_ISSUER"));
  const collector = stack.use(await startSpanReceiver());
  const deployment = await openServers({ objects, own: issuer.own, folder, collector, stack, say });
  await migrate(deployment);
  const processes = new Map<string, BundleProcess>();
  for (const service of SERVICES) processes.set(service, stack.use(await startService(service, deployment)));
  await layMounts(workload(objects, "gateway"), objects, issuer.own, folder);
  await using gateway = await startGateway(folder, deployment.addresses);
  const answer = await gateway.post("/chat", await issuer.token(), { text: "What is 17% of 2400?" });
  if (answer.status !== 200)
    throw new Error(`a turn through the gateway was answered with ${answer.status}: ${answer.body}`);
  const turn = JSON.parse(answer.body) as { state: string; text: string; trace_id: string };
  if (turn.state !== "TURN_STATE_COMPLETED") throw new Error(`the turn has not completed: ${answer.body}`);
  const traced = await servicesIn(collector, turn.trace_id);
  const stopped = await Promise.all(
    [...processes].map(async ([service, process]) => ({
      service,
      ...(await process.stop()),
      graceMs: graceOf(workload(objects, service)),
    })),
  );
  const startedMs = Object.fromEntries([...processes].map(([service, { startedMs: ms }]) => [service, ms]));
  return { answer: turn.text, traced, startedMs, stopped };
}

type Opening = Omit<Deployment, "addresses" | "secrets"> & { collector: SpanReceiver; stack: DisposalStack };

async function openServers({ collector, stack, ...opening }: Opening): Promise<Deployment> {
  const { objects, own, folder, say } = opening;
  const addresses = new Addresses(say);
  const passwords = Object.fromEntries(
    (workload(objects, "nats").spec.template.spec.containers[0]?.env ?? []).map(({ name }) => [
      name,
      randomBytes(12).toString("hex"),
    ]),
  );
  await layMounts(workload(objects, "nats"), objects, own, folder);
  const nats = stack.use(
    await startNats({ config: join(folder, "etc/nats/nats-server.conf"), env: passwords }),
  );
  const [postgres, redis] = [stack.use(await startPostgres()), stack.use(await startRedis())];
  addresses.set("nats", 4222, nats.port);
  addresses.set("otel-collector", 4318, Number(new URL(collector.url).port));
  const user = (name: string, password = "") => `nats://${name}:${password}@127.0.0.1:${nats.port}`;
  say("secret   forerun-database: its owner, in place of a login for each service");
  const { url } = postgres;
  const secrets: Secrets = {
    "forerun-key": { key: randomBytes(32).toString("base64") },
    "forerun-database": { chat: url, memory: url, tools: url, migrate: url },
    "forerun-redis": { url: redis.url },
    "forerun-nats": {
      chat: user("chat-default", passwords.NATS_CHAT_DEFAULT),
      "tool-executor": user("tool-executor-default", passwords.NATS_TOOL_EXECUTOR_DEFAULT),
    },
  };
  return { ...opening, addresses, secrets };
}

async function migrate(deployment: Deployment): Promise<void> {
  const job = workload(deployment.objects, "migrate");
  const main = await bundleOf(job, deployment.folder);
  await runBundle(main, {
    ...IMAGE_ENV,
    ...(await environmentOf(job, deployment.objects, (path) => path, deployment)),
  });
}

async function startService(service: string, deployment: Deployment): Promise<BundleProcess> {
  const { objects, own, folder, addresses } = deployment;
  const deployed = workload(objects, service);
  const pathOf = await layMounts(deployed, objects, own, join(folder, service));
  const env = { ...IMAGE_ENV, ...(await environmentOf(deployed, objects, pathOf, deployment)) };
  return startBundle(deployed, await bundleOf(deployed, folder), env, addresses);
}

/** The bundle of the image that a workload names. */
async function bundleOf({ metadata, spec }: Workload, folder: string): Promise<string> {
  const image = spec.template.spec.containers[0]?.image ?? "";
  const name = /^forerun\/([a-z-]+):/.exec(image)?.[1];
  if (!name) throw new Error(`${metadata.name} runs ${image}, which is none of ours`);
  const app = join(folder, "images", name);
  await buildBundle(name as BundledName, app);
  return join(app, "main.js");
}

function workload(objects: readonly Manifest[], name: string): Workload {
  const found = workloadsOf(objects).find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`no workload is called ${name}`);
  return found;
}

function variableOf(objects: readonly Manifest[], name: string, variable: string): string {
  const env = workload(objects, name).spec.template.spec.containers[0]?.env ?? [];
  return env.find((one) => one.name === variable)?.value ?? "";
}

/** What is left of the grace when SIGTERM comes. */
function graceOf({ spec }: Workload): number {
  const { terminationGracePeriodSeconds = 30, containers } = spec.template.spec;
  return 1_000 * (terminationGracePeriodSeconds - (containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0));
}

/** An issuer of tokens, and the ConfigMap with its keys that whoever deploys brings. */
async function makeIssuer(issuer: string) {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256", use: "sig" };
  return {
    own: { "forerun-identity": { "jwks.json": JSON.stringify({ keys: [key] }) } } satisfies OwnConfig,
    token: () =>
      new SignJWT({ tenant: "acme", roles: ["user"] })
        .setProtectedHeader({ alg: "ES256", kid: "k1" })
        .setIssuer(issuer)
        .setAudience("forerun")
        .setSubject("u1")
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(privateKey),
  };
}

/** The services that a turn's trace has spans of, once all that a turn needs are in it. */
async function servicesIn(collector: SpanReceiver, traceId: string): Promise<string[]> {
  const inTrace = () =>
    new Set(
      collector
        .spans()
        .filter((span) => span.traceId === traceId)
        .map(({ service }) => service),
    );
  const whole = () =>
    SERVICES.every((service) => inTrace().has(service)) &&
    collector.spans().some(({ traceId: of, name }) => of === traceId && name === SPANS.turn);
  await collector.until(whole, `trace ${traceId} of all services`, TRACE_WITHIN_MS);
  return [...inTrace()].sort();
}
