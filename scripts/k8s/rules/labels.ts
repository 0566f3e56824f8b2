import {
  type Labels,
  type Manifest,
  nameOf,
  ofKind,
  podLabels,
  serversOf,
  workloadsOf,
} from "../manifest.ts";
import type { Rule } from "../rule.ts";
import { matches } from "../selector.ts";

const WANTED = ["name", "component", "part-of"].map((word) => `app.kubernetes.io/${word}`);

type Service = Manifest & { spec: { selector?: Labels } };

/** Pods can be told apart by their labels, and every Service finds the pods of one workload. */
export const labels: Rule = {
  id: "labels",
  breaches: (objects) => [
    ...workloadsOf(objects).flatMap((workload) => {
      const missing = WANTED.filter((label) => !podLabels(workload)[label]);
      return missing.map((label) => `${nameOf(workload)}: its pods have no ${label}`);
    }),
    ...serversOf(objects)
      .filter(({ spec }) => !matches(spec.selector ?? {}, spec.template.metadata.labels ?? {}))
      .map((workload) => `${nameOf(workload)} does not select its own pods`),
    ...ofKind<Service>(objects, "Service").flatMap((service) => {
      const found = serversOf(objects).filter((one) =>
        matches({ matchLabels: service.spec.selector ?? {} }, podLabels(one)),
      );
      return found.length === 1 ? [] : [`${nameOf(service)} stands for ${found.length} workloads`];
    }),
  ],
};
