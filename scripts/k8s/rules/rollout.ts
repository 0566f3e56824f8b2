import { nameOf, ofKind, type Workload } from "../manifest.ts";
import type { Rule } from "../rule.ts";

export const rollout: Rule = {
  id: "rollout",
  breaches: (objects) =>
    ofKind<Workload>(objects, "Deployment")
      .filter(({ spec }) => spec.strategy?.rollingUpdate?.maxUnavailable !== 0)
      .map((workload) => `${nameOf(workload)}: a roll-out takes replicas away before new ones serve`),
};
