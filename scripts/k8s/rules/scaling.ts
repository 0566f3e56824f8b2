import { type Manifest, nameOf, ofKind, type Workload } from "../manifest.ts";
import type { Rule } from "../rule.ts";

type Scaler = Manifest & {
  spec: {
    scaleTargetRef: { name: string };
    minReplicas?: number;
    maxReplicas?: number;
    minReplicaCount?: number;
    maxReplicaCount?: number;
  };
};

/** A Deployment's number of replicas has one owner: itself, or one scaler with bounds that make sense. */
export const scaling: Rule = {
  id: "scaling",
  breaches(objects) {
    const scalers = [
      ...ofKind<Scaler>(objects, "HorizontalPodAutoscaler"),
      ...ofKind<Scaler>(objects, "ScaledObject"),
    ];
    const deployments = ofKind<Workload>(objects, "Deployment");
    const names = new Set(deployments.map(({ metadata }) => metadata.name));
    return [
      ...scalers
        .filter(({ spec }) => !names.has(spec.scaleTargetRef.name))
        .map((one) => `${nameOf(one)} scales nothing`),
      ...scalers
        .filter((one) => !hasBounds(one))
        .map((one) => `${nameOf(one)} needs two replicas or more, up to some bound`),
      ...deployments.flatMap((workload) => {
        const owners =
          scalers.filter(({ spec }) => spec.scaleTargetRef.name === workload.metadata.name).length +
          (workload.spec.replicas === undefined ? 0 : 1);
        return owners === 1 ? [] : [`${nameOf(workload)}: ${owners} decide on its number of replicas`];
      }),
    ];
  },
};

function hasBounds({ spec }: Scaler): boolean {
  const least = spec.minReplicas ?? spec.minReplicaCount ?? 0;
  const most = spec.maxReplicas ?? spec.maxReplicaCount ?? 0;
  return least >= 2 && most > least;
}
