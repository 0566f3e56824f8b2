import { containersOf, type Manifest, nameOf, ofKind, workloadsOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

/** Made by whoever runs the cluster; docs/kubernetes.md says how. */
const EXPECTED: ReadonlySet<string> = new Set([
  "ConfigMap forerun-identity",
  "Secret forerun-key",
  "Secret forerun-database",
  "Secret forerun-nats",
  "Secret forerun-nats-server",
  "Secret forerun-redis",
  "Secret forerun-gateway-tls",
]);

/** What a pod cannot start without is here, or among the few things that are to be made beforehand. */
export const references: Rule = {
  id: "references",
  breaches(objects) {
    const here = new Set(ofKind<Manifest>(objects, "ConfigMap").map(nameOf));
    return workloadsOf(objects).flatMap((workload) => {
      const { volumes = [] } = workload.spec.template.spec;
      const variables = containersOf(workload).flatMap(({ env = [] }) => env);
      const named = [
        ...volumes.map(({ configMap }) => configMap && { kind: "ConfigMap", ...configMap }),
        ...volumes.map(({ secret }) => secret && { kind: "Secret", name: secret.secretName, ...secret }),
        ...variables.map(
          ({ valueFrom }) => valueFrom?.secretKeyRef && { kind: "Secret", ...valueFrom.secretKeyRef },
        ),
        ...variables.map(
          ({ valueFrom }) =>
            valueFrom?.configMapKeyRef && { kind: "ConfigMap", ...valueFrom.configMapKeyRef },
        ),
      ];
      const missing = named.flatMap((one) => {
        if (!one || one.optional) return [];
        const name = `${one.kind} ${one.name}`;
        return here.has(name) || EXPECTED.has(name) ? [] : [name];
      });
      return missing.map((name) => `${nameOf(workload)} needs ${name}, which is nowhere`);
    });
  },
};
