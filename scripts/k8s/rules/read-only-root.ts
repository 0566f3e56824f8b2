import { containersOf, nameOf, workloadsOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

export const readOnlyRoot: Rule = {
  id: "read-only-root",
  breaches: (objects) =>
    workloadsOf(objects).flatMap((workload) => {
      const { volumes = [] } = workload.spec.template.spec;
      const fixed = new Set(volumes.filter(({ emptyDir }) => !emptyDir).map(({ name }) => name));
      return containersOf(workload).flatMap(({ name, securityContext, volumeMounts = [] }) => [
        ...(securityContext?.readOnlyRootFilesystem === true
          ? []
          : [`${nameOf(workload)}: ${name} may write to its root`]),
        ...volumeMounts
          .filter((mount) => fixed.has(mount.name) && mount.readOnly !== true)
          .map((mount) => `${nameOf(workload)}: ${name} mounts ${mount.name} for writing`),
      ]);
    }),
};
