import { type Labels, type Manifest, nameOf, ofKind, podLabels, serversOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";
import { matches } from "../selector.ts";

type Budget = Manifest & { spec: { maxUnavailable?: number | string; selector: { matchLabels: Labels } } };

/** Whoever empties a node takes one replica at a time, and is never kept from it for good. */
export const disruption: Rule = {
  id: "disruption",
  breaches(objects) {
    const budgets = ofKind<Budget>(objects, "PodDisruptionBudget");
    return serversOf(objects).flatMap((workload) => {
      const own = budgets.filter(({ spec }) => matches(spec.selector, podLabels(workload)));
      if (own.length !== 1) return [`${nameOf(workload)} has ${own.length} disruption budgets`];
      return own[0]?.spec.maxUnavailable === 1
        ? []
        : [`${nameOf(workload)}: one at a time has to be allowed to go`];
    });
  },
};
