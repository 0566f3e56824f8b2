import { fileConfigOf } from "../file-config-of.ts";
import { containersOf, isService, nameOf, workloadsOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

const DEFAULT_LANE = "default";

/** forerun.yaml is one that the services start with, and its lanes are those that executors are there for. */
export const configFile: Rule = {
  id: "config-file",
  breaches(objects) {
    const services = workloadsOf(objects).filter(isService);
    const served = services.flatMap((workload) => valuesOf(containersOf(workload)[0]?.env, "LANE"));
    const wanted = new Set(served.filter((lane) => lane !== DEFAULT_LANE));
    return services.flatMap((workload) => {
      const { parsed } = fileConfigOf(workload, objects);
      if (!parsed.success)
        return [`${nameOf(workload)} does not start with its forerun.yaml: ${parsed.error.message}`];
      const lanes = Object.keys(parsed.data.lanes);
      return [
        ...lanes
          .filter((lane) => !wanted.has(lane))
          .map((lane) => `lane ${lane} of forerun.yaml has no executors`),
        ...[...wanted]
          .filter((lane) => !lanes.includes(lane))
          .map((lane) => `lane ${lane} is not in forerun.yaml`),
      ];
    });
  },
};

function valuesOf(env: readonly { name: string; value?: string }[] = [], wanted: string): string[] {
  return env.flatMap(({ name, value }) => (name === wanted && value ? [value] : []));
}
