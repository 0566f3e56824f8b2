/** Faults that somebody might make in a manifest, each by the id of the rule that has to notice it. */
import {
  type ConfigMap,
  type Container,
  containersOf,
  type Manifest,
  ofKind,
  workloadsOf,
} from "../../scripts/k8s/manifest.ts";
import type { Policy } from "../../scripts/k8s/network-policy.ts";

/** One object of a deployment, to be changed. */
export function find<T extends Manifest>(objects: readonly Manifest[], kind: string, name: string): T {
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
export const BREACHES: readonly [id: string, what: string, plant: Plant][] = [
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
