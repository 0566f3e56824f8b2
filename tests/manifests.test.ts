/** What deploy/k8s builds to is valid, keeps the rules, and each rule notices when it is broken. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findBinary } from "@forerun/components/binaries";
import { skipWithout } from "@forerun/testing/skip-without";
import { beforeAll, describe, expect, it } from "vitest";
import { BUNDLED_NAMES } from "../scripts/build/bundled.ts";
import { buildCombination, combinations } from "../scripts/k8s/combinations.ts";
import { staleGatewayFiles } from "../scripts/k8s/gateway-files.ts";
import {
  type ConfigMap,
  type Container,
  containersOf,
  type Manifest,
  nameOf,
  ofKind,
  workloadsOf,
} from "../scripts/k8s/manifest.ts";
import type { Policy } from "../scripts/k8s/network-policy.ts";
import { openRules } from "../scripts/k8s/rules.ts";
import { openSchemas, type Validator } from "../scripts/k8s/schemas.ts";
import { ROOT } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

const rules = openRules();

function brokenRules(objects: readonly Manifest[]): string[] {
  return rules.filter(({ breaches }) => breaches(objects).length > 0).map(({ id }) => id);
}

/** One object of a deployment, to be changed. */
function find<T extends Manifest>(objects: readonly Manifest[], kind: string, name: string): T {
  const found = ofKind<T>(objects, kind).find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

function podOf(objects: readonly Manifest[], name: string) {
  const workload = workloadsOf(objects).find(({ metadata }) => metadata.name === name);
  const [container] = workload ? containersOf(workload) : [];
  if (!workload || !container) throw new Error(`no workload ${name}`);
  return { workload, pod: workload.spec.template.spec, container };
}

const without = (env: Container["env"], name: string) =>
  env?.filter((variable) => variable.name !== name) ?? [];

function changeFile(objects: readonly Manifest[], change: (text: string) => string): void {
  const maps = ofKind<ConfigMap>(objects, "ConfigMap");
  const data = maps.find(({ metadata }) => metadata.name.startsWith("forerun-config"))?.data;
  if (data) data["forerun.yaml"] = change(data["forerun.yaml"] ?? "");
}

type Plant = (objects: Manifest[]) => void;

/** A breach or more of each rule, by the rule's id. */
const BREACHES: readonly [id: string, what: string, plant: Plant][] = [
  ["non-root", "root is allowed", (all) => void delete podOf(all, "chat").pod.securityContext?.runAsNonRoot],
  [
    "non-root",
    "user 0",
    (all) => void Object.assign(podOf(all, "redis").pod.securityContext ?? {}, { runAsUser: 0 }),
  ],
  ["seccomp", "no profile", (all) => void delete podOf(all, "answer").pod.securityContext?.seccompProfile],
  [
    "no-privileges",
    "a capability is added",
    (all) => {
      podOf(all, "router").container.securityContext = {
        ...podOf(all, "router").container.securityContext,
        capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
      };
    },
  ],
  [
    "no-host",
    "a folder of the node",
    (all) => void podOf(all, "memory").pod.volumes?.push({ name: "etc", hostPath: { path: "/etc" } }),
  ],
  [
    "read-only-root",
    "a root to write to",
    (all) => void delete podOf(all, "gateway").container.securityContext?.readOnlyRootFilesystem,
  ],
  [
    "read-only-root",
    "a ConfigMap mounted for writing",
    (all) => {
      for (const mount of podOf(all, "chat").container.volumeMounts ?? []) delete mount.readOnly;
    },
  ],
  [
    "no-token",
    "a token is mounted",
    (all) => void delete podOf(all, "nats").pod.automountServiceAccountToken,
  ],
  [
    "no-token",
    "another's account",
    (all) => void Object.assign(podOf(all, "nats").pod, { serviceAccountName: "chat" }),
  ],
  [
    "bounds",
    "memory without a limit",
    (all) => void delete podOf(all, "tool-executor").container.resources?.limits,
  ],
  ["probes", "no readiness", (all) => void delete podOf(all, "chat").container.readinessProbe],
  [
    "probes",
    "a probe of another port",
    (all) => void Object.assign(podOf(all, "chat").container, { livenessProbe: { grpc: { port: 9090 } } }),
  ],
  [
    "grace",
    "less than turn and drain take",
    (all) => void Object.assign(podOf(all, "chat").pod, { terminationGracePeriodSeconds: 60 }),
  ],
  ["grace", "a longer turn", (all) => changeFile(all, (text) => text.replace("60s", "5m"))],
  ["grace", "no preStop", (all) => void delete podOf(all, "router").container.lifecycle],
  ["images", "latest", (all) => void Object.assign(podOf(all, "nats").container, { image: "nats:latest" })],
  [
    "images",
    "no tag, and a registry with a port",
    (all) => void Object.assign(podOf(all, "nats").container, { image: "registry:5000/nats" }),
  ],
  [
    "no-secrets",
    "a Secret in the manifests",
    (all) => void all.push({ apiVersion: "v1", kind: "Secret", metadata: { name: "forerun-key" } }),
  ],
  [
    "no-secrets",
    "a password in a URL",
    (all) =>
      void podOf(all, "chat").container.env?.push({ name: "REDIS_URL", value: "redis://:pass@redis:6379" }),
  ],
  [
    "references",
    "a ConfigMap that is nowhere",
    (all) => void podOf(all, "chat").pod.volumes?.push({ name: "x", configMap: { name: "gone" } }),
  ],
  [
    "disruption",
    "no budget",
    (all) => void all.splice(all.indexOf(find(all, "PodDisruptionBudget", "memory")), 1),
  ],
  ["rollout", "a replica goes first", (all) => void delete podOf(all, "answer").workload.spec.strategy],
  ["spread", "anywhere", (all) => void delete podOf(all, "chat").pod.topologySpreadConstraints],
  [
    "scaling",
    "two owners of a number",
    (all) => void Object.assign(podOf(all, "chat").workload.spec, { replicas: 3 }),
  ],
  [
    "scaling",
    "a scaler of nothing",
    (all) => {
      find<Manifest & { spec: { scaleTargetRef: { name: string } } }>(
        all,
        "ScaledObject",
        "chat",
      ).spec.scaleTargetRef.name = "chats";
    },
  ],
  [
    "labels",
    "a Service without pods",
    (all) => {
      find<Manifest & { spec: { selector: object } }>(all, "Service", "router").spec.selector = {
        "app.kubernetes.io/name": "rooter",
      };
    },
  ],
  [
    "ports",
    "another port for gRPC",
    (all) => {
      const { container } = podOf(all, "memory");
      container.env = [...without(container.env, "GRPC_PORT"), { name: "GRPC_PORT", value: "9000" }];
    },
  ],
  ["config-file", "a key that there is not", (all) => changeFile(all, (text) => `${text}\nlimts: {}\n`)],
  ["config-file", "executors of a lane that chat does not know", (all) => changeFile(all, () => "{}")],
  [
    "environment",
    "a variable that is misspelt",
    (all) => void podOf(all, "chat").container.env?.push({ name: "LOG_LEVL", value: "info" }),
  ],
  [
    "environment",
    "a variable of another service",
    (all) =>
      void podOf(all, "memory").container.env?.push({
        name: "QUOTE_URL",
        value: "https://quotes.example.com",
      }),
  ],
  [
    "environment",
    "an address left out",
    (all) => {
      const { container } = podOf(all, "tool-executor");
      container.env = without(container.env, "MEMORY_ADDR");
    },
  ],
  [
    "identity",
    "nobody is asked who they are",
    (all) => {
      const { container } = podOf(all, "chat");
      container.env = [...without(container.env, "AUTH"), { name: "AUTH", value: "off" }];
    },
  ],
  [
    "identity",
    "another issuer than the gateway's",
    (all) => {
      const { container } = podOf(all, "chat");
      container.env = [
        ...without(container.env, "JWT_ISSUER"),
        { name: "JWT_ISSUER", value: "https://other.example.com" },
      ];
    },
  ],
  [
    "default-deny",
    "no policy for all",
    (all) => void all.splice(all.indexOf(find(all, "NetworkPolicy", "default-deny")), 1),
  ],
  [
    "edges",
    "an edge that nothing needs",
    (all) => {
      find<Policy>(all, "NetworkPolicy", "answer").spec.ingress?.push({
        from: [{ podSelector: {} }],
        ports: [{ port: 8081 }],
      });
    },
  ],
  [
    "edges",
    "an edge that is missing",
    (all) => void all.splice(all.indexOf(find(all, "NetworkPolicy", "to-nats")), 1),
  ],
  [
    "edges",
    "an address that no policy knows",
    (all) => {
      const { container } = podOf(all, "router");
      container.env = [
        ...(container.env ?? []),
        { name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", value: "http://elsewhere:4318" },
      ];
    },
  ],
];

skipWithout("kustomize")("deploy/k8s", () => {
  let validate: Validator;
  let everything: Manifest[];
  beforeAll(() => {
    validate = openSchemas();
    everything = buildCombination("tests/everything");
  });

  scenario("cluster.combinations", async () => {
    for (const name of combinations()) {
      const objects = buildCombination(name);
      const unfit = objects.flatMap((object) =>
        validate(object).map((fault) => `${nameOf(object)}: ${fault}`),
      );
      const broken = rules.flatMap(({ id, breaches }) => breaches(objects).map((said) => `${id}: ${said}`));
      expect([name, ...unfit, ...broken]).toEqual([name]);
    }
  });

  it("tries every component in a combination", () => {
    const folders = new Set(combinations().map((name) => name.replace("tests/with-", "")));
    const listed = readFileSync(join(ROOT, "deploy/k8s/tests/everything/kustomization.yaml"), "utf8");
    const components = [...listed.matchAll(/components\/([a-z-]+)$/gm)].map(([, name]) => name ?? "");
    expect(components.length).toBeGreaterThan(8);
    expect(components.filter((name) => name !== "network-policies" && !folders.has(name))).toEqual([]);
  });

  it.each([
    ["a field that Kubernetes does not know", "Deployment", "chat"],
    ["a field that KEDA does not know", "ScaledObject", "chat"],
  ])("is told of %s", (_, kind, name) => {
    const object = structuredClone(find<Manifest & { spec: object }>(everything, kind, name));
    expect(validate(object)).toEqual([]);
    Object.assign(object.spec, { replcas: 2 });
    expect(validate(object).join()).toContain("replcas");
  });

  it("is told of a kind that has no schema", () => {
    const object = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a" } };
    expect(validate(object)).toEqual(["no schema for example.com/v1 Thing"]);
  });

  it("asks for no Secret and no key of one that docs/kubernetes.md does not name", () => {
    const page = readFileSync(join(ROOT, "docs/kubernetes.md"), "utf8");
    const keys = workloadsOf(everything)
      .flatMap(containersOf)
      .flatMap(({ env = [] }) => env)
      .flatMap(({ valueFrom }) => (valueFrom?.secretKeyRef ? [valueFrom.secretKeyRef] : []));
    expect(keys.length).toBeGreaterThan(15);
    const rowOf = (secret: string) =>
      page.split("\n").find((line) => line.startsWith(`| \`${secret}\` |`)) ?? "";
    const untold = keys.filter(({ name, key }) => !rowOf(name).includes(`\`${key}\``));
    expect(untold).toEqual([]);
  });

  it("keeps the rules before anything is planted", () => {
    expect(brokenRules(everything)).toEqual([]);
  });

  it.each(BREACHES)("notices by %s: %s", (id, _, plant) => {
    const objects = structuredClone(everything);
    plant(objects);
    expect(brokenRules(objects)).toContain(id);
  });

  scenario("cluster.rules", async () => {
    expect(rules.map(({ id }) => id).filter((id) => !BREACHES.some(([planted]) => planted === id))).toEqual(
      [],
    );
  });
});

skipWithout("promtool")("what Prometheus is given", () => {
  it("is a configuration that it takes", () => {
    const file = join(ROOT, "deploy/k8s/components/prometheus/prometheus.yml");
    const promtool = findBinary("promtool");
    expect(
      execFileSync(promtool, ["check", "config", "--syntax-only", file], { encoding: "utf8" }),
    ).toContain("SUCCESS");
  });
});

describe("what the gateway's component is made of", () => {
  it("is what its values make now", () => {
    expect(staleGatewayFiles()).toEqual([]);
  });
});

describe("Dockerfile", () => {
  const text = readFileSync(join(ROOT, "Dockerfile"), "utf8");
  const lines = text.split("\n").filter((line) => /^[A-Z]+ /.test(line));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));

  it("runs as somebody without rights, by Node alone, from a bundle that is built", () => {
    expect(last).toContain("USER 65532:65532");
    expect(last.filter((line) => /^(RUN|ADD|ENTRYPOINT) /.test(line))).toEqual([]);
    expect(last.filter((line) => line.startsWith("COPY "))).toEqual([
      expect.stringMatching(/--from=build .*\/app$/),
    ]);
    expect(lines).toContainEqual(expect.stringContaining("npm ci --ignore-scripts"));
  });

  it("pins what it stands on", () => {
    const bases = lines.filter((line) => line.startsWith("FROM ")).map((line) => line.split(" ")[1] ?? "");
    expect(bases.length).toBe(2);
    expect(bases.filter((base) => !/:(?!latest)[\w.-]+$/.test(base))).toEqual([]);
  });

  it("takes with it every workspace that the lock file names", () => {
    const { workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      workspaces: string[];
    };
    const copied = lines.filter((line) => line.startsWith("COPY ")).join("\n");
    const missing = workspaces
      .map((path) => path.replace("/*", ""))
      .filter((path) => !copied.includes(` ${path}`));
    expect(missing).toEqual([]);
  });

  it("has an image for everything that the manifests run", () => {
    const base = readFileSync(join(ROOT, "deploy/k8s/overlays/prod/kustomization.yaml"), "utf8");
    const named = [...base.matchAll(/name: forerun\/([a-z-]+)/g)].map(([, name]) => name);
    expect(named.sort()).toEqual([...BUNDLED_NAMES].sort());
  });
});
