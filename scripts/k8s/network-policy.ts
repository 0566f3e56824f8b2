import { type Manifest, ofKind, podLabels, workloadsOf } from "./manifest.ts";
import { matches, type Selector } from "./selector.ts";

type Peer = Readonly<{ podSelector?: Selector; namespaceSelector?: Selector; ipBlock?: object }>;
type Port = Readonly<{ port: number }>;

export type Policy = Manifest & {
  spec: {
    podSelector: Selector;
    policyTypes?: string[];
    ingress?: { from?: Peer[]; ports?: Port[] }[];
    egress?: { to?: Peer[]; ports?: Port[] }[];
  };
};

/** Ends of an edge that are no pods of the deployment. */
export const ANYWHERE = "anywhere";
export const OUTSIDE = "outside";

/** Names are looked up by everybody; that edge is none of a service's. */
const DNS = 53;

/** What policies allow, each edge as `from → to:port`: at the end that it leaves and at the end that it reaches. */
export type Allowed = Readonly<{ leaving: ReadonlySet<string>; reaching: ReadonlySet<string> }>;

export function allowedEdges(objects: readonly Manifest[]): Allowed {
  const pods = workloadsOf(objects).map((workload) => ({
    name: workload.metadata.name,
    labels: podLabels(workload),
  }));
  const selected = (selector: Selector) =>
    pods.filter(({ labels }) => matches(selector, labels)).map(({ name }) => name);
  const named = (peers: readonly Peer[] | undefined) =>
    peers?.flatMap((peer) => endsOf(peer, selected)) ?? [ANYWHERE];
  const leaving = new Set<string>();
  const reaching = new Set<string>();
  for (const { spec } of ofKind<Policy>(objects, "NetworkPolicy")) {
    for (const pod of selected(spec.podSelector)) {
      for (const { to, ports } of spec.egress ?? [])
        for (const port of numbers(ports))
          for (const end of named(to)) leaving.add(`${pod} → ${end}:${port}`);
      for (const { from, ports } of spec.ingress ?? [])
        for (const port of numbers(ports))
          for (const end of named(from)) reaching.add(`${end} → ${pod}:${port}`);
    }
  }
  return { leaving, reaching };
}

/** No ports at all means every port. */
function numbers(ports: readonly Port[] | undefined): (number | string)[] {
  return ports?.map(({ port }) => port).filter((port) => port !== DNS) ?? ["*"];
}

function endsOf(peer: Peer, selected: (selector: Selector) => string[]): string[] {
  if (peer.ipBlock) return [OUTSIDE];
  const namespace = peer.namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"];
  if (peer.namespaceSelector) return [namespace ?? ANYWHERE];
  return selected(peer.podSelector ?? {});
}
