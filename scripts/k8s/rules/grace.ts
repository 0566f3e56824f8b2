import { fileConfigOf } from "../file-config-of.ts";
import {
  COMPONENT,
  type Container,
  isService,
  type Manifest,
  nameOf,
  podLabels,
  serversOf,
} from "../manifest.ts";
import type { Rule } from "../rule.ts";

/** A process is gone so long after SIGTERM at the latest (packages/host). */
const DRAIN_SECONDS = 30;
const STREAMING = /^(service|gateway)$/;

/** A pod may take as long to leave as its endpoints to go, the longest turn to end, and the drain after that. */
export const grace: Rule = {
  id: "grace",
  breaches(objects) {
    const turn = longestTurn(objects);
    return serversOf(objects)
      .filter((workload) => STREAMING.test(podLabels(workload)[COMPONENT] ?? ""))
      .flatMap((workload) => {
        const { terminationGracePeriodSeconds: given = 30, containers } = workload.spec.template.spec;
        const before = Math.min(...containers.map(preStopSeconds));
        if (before === 0) return [`${nameOf(workload)} is told to stop while requests are still sent to it`];
        // A preStop that itself waits for turns is not followed by another wait for them.
        const needed = before > turn ? before + DRAIN_SECONDS : before + turn + DRAIN_SECONDS;
        return given >= needed
          ? []
          : [`${nameOf(workload)} has ${given} s to leave and may need ${needed} s`];
      });
  },
};

function preStopSeconds({ lifecycle }: Container): number {
  const { sleep, exec } = lifecycle?.preStop ?? {};
  return sleep?.seconds ?? Number(/sleep (\d+)/.exec(exec?.command.join(" ") ?? "")?.[1] ?? 0);
}

/** In seconds, as forerun.yaml of the deployment has it. One that is none is another rule's to tell. */
function longestTurn(objects: readonly Manifest[]): number {
  const deadlines = serversOf(objects)
    .filter(isService)
    .map((workload) => fileConfigOf(workload, objects).parsed)
    .map(({ data }) => data?.limits.deadline ?? 0);
  return Math.max(0, ...deadlines) / 1000;
}
