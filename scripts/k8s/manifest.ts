/** Objects of Kubernetes as far as the rules look at them. Schemas have been held against them before. */

export type EnvVariable = Readonly<{
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: KeyRef; configMapKeyRef?: KeyRef };
}>;

type KeyRef = Readonly<{ name: string; key: string; optional?: boolean }>;

export type Probe = { grpc?: { port: number }; httpGet?: object; tcpSocket?: object; exec?: object };

export type Container = {
  name: string;
  image: string;
  args?: string[];
  env?: EnvVariable[];
  envFrom?: object[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number }; exec?: { command: string[] } } };
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: {
    runAsNonRoot?: boolean;
    runAsUser?: number;
    allowPrivilegeEscalation?: boolean;
    privileged?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[]; add?: string[] };
    seccompProfile?: { type: string };
  };
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
};

export type Volume = {
  name: string;
  emptyDir?: object;
  configMap?: { name: string; optional?: boolean };
  secret?: { secretName: string; optional?: boolean };
  hostPath?: object;
};

export type PodSpec = {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile?: { type: string } };
  topologySpreadConstraints?: { topologyKey: string }[];
  initContainers?: Container[];
  containers: Container[];
  volumes?: Volume[];
};

export type Labels = Readonly<Record<string, string>>;

export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels };
};

export type WorkloadSpec = {
  replicas?: number;
  selector?: { matchLabels: Labels };
  strategy?: { type?: string; rollingUpdate?: { maxUnavailable?: number | string } };
  template: { metadata: { labels?: Labels }; spec: PodSpec };
  volumeClaimTemplates?: { metadata: { name: string } }[];
};

export type ConfigMap = Manifest & { data?: Record<string, string> };

/** What runs pods. */
export type Workload = Manifest & { spec: WorkloadSpec };

const RUNS_PODS: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "Job"]);

export function workloadsOf(objects: readonly Manifest[]): Workload[] {
  return objects.filter((object): object is Workload => RUNS_PODS.has(object.kind));
}

/** Those of them that go on until they are told to stop. */
export function serversOf(objects: readonly Manifest[]): Workload[] {
  return workloadsOf(objects).filter(({ kind }) => kind !== "Job");
}

export function containersOf({ spec }: Workload): Container[] {
  const { initContainers = [], containers } = spec.template.spec;
  return [...initContainers, ...containers];
}

/** Objects of a kind, as what the caller says that it is. */
export function ofKind<T extends Manifest>(objects: readonly Manifest[], kind: string): T[] {
  return objects.filter((object): object is T => object.kind === kind);
}

export function podLabels({ spec }: Workload): Labels {
  return spec.template.metadata.labels ?? {};
}

export const COMPONENT = "app.kubernetes.io/component";

/** The five services, and those of further lanes. */
export function isService(workload: Workload): boolean {
  return podLabels(workload)[COMPONENT] === "service";
}

/** How a workload is called in a breach. */
export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}
