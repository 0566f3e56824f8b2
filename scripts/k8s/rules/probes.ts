import { type Container, isService, nameOf, type Probe, serversOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

const PROBES = ["startupProbe", "readinessProbe", "livenessProbe"] as const;

export const probes: Rule = {
  id: "probes",
  breaches: (objects) =>
    serversOf(objects).flatMap((workload) =>
      workload.spec.template.spec.containers.flatMap((container) =>
        PROBES.filter((name) => !isGood(container[name], container, isService(workload))).map(
          (name) => `${nameOf(workload)}: ${name} is missing or does not ask where it serves`,
        ),
      ),
    ),
};

/** The services speak of their health over gRPC; others as they can. */
function isGood(probe: Probe | undefined, { ports = [] }: Container, overGrpc: boolean): boolean {
  if (!probe) return false;
  if (!overGrpc) return true;
  return (
    probe.grpc !== undefined && probe.grpc.port === ports.find(({ name }) => name === "grpc")?.containerPort
  );
}
