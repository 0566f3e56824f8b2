import { isService, nameOf, serversOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

const OVER = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"];

export const spread: Rule = {
  id: "spread",
  breaches: (objects) =>
    serversOf(objects)
      .filter((workload) => isService(workload) || (workload.spec.replicas ?? 0) > 1)
      .flatMap((workload) => {
        const over = new Set(
          workload.spec.template.spec.topologySpreadConstraints?.map((one) => one.topologyKey),
        );
        const missing = OVER.filter((key) => !over.has(key));
        return missing.map((key) => `${nameOf(workload)} is not spread over ${key}`);
      }),
};
