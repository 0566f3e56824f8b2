import { containersOf, nameOf, workloadsOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

/** CPU has no limit on purpose: it would be waited for while the node has some to give. */
export const bounds: Rule = {
  id: "bounds",
  breaches: (objects) =>
    workloadsOf(objects).flatMap((workload) =>
      containersOf(workload)
        .filter(({ resources }) => {
          const { requests = {}, limits = {} } = resources ?? {};
          return !requests.cpu || !requests.memory || !limits.memory || limits.cpu !== undefined;
        })
        .map(
          ({ name }) =>
            `${nameOf(workload)}: ${name} needs requests of cpu and memory and a limit of memory alone`,
        ),
    ),
};
