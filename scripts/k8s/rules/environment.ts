import { fileConfigOf } from "../file-config-of.ts";
import { containersOf, isService, nameOf, type Workload, workloadsOf } from "../manifest.ts";
import { isBundled, type ReadsOf } from "../reads.ts";
import type { Rule } from "../rule.ts";

/** Read by libraries, under names that are standards. */
const STANDARD = /^(OTEL_[A-Z_]+|NODE_[A-Z_]+)$/;
const ADDRESS = /_ADDR$/;
const OWN_ADDRESS = "METRICS_ADDR";

/** A service is told only what its code reads, and every address that it cannot do without. */
export function environment(readsOf: ReadsOf): Rule {
  return {
    id: "environment",
    breaches: (objects) =>
      workloadsOf(objects)
        .filter((workload) => isService(workload) || workload.kind === "Job")
        .flatMap((workload) => breachesOf(workload, fileConfigOf(workload, objects).named, readsOf)),
  };
}

/** `named` are those that forerun.yaml refers to. */
function breachesOf(workload: Workload, named: ReadonlySet<string>, readsOf: ReadsOf): string[] {
  const [container] = containersOf(workload);
  const service = serviceIn(container?.image ?? "");
  if (!isBundled(service)) return [`${nameOf(workload)}: ${container?.image} is no image of ours`];
  const { all, own } = readsOf(service);
  const given = (container?.env ?? []).map(({ name }) => name);
  const unknown = given.filter((name) => !all.has(name) && !named.has(name) && !STANDARD.test(name));
  const missing = [...own].filter(
    (name) => ADDRESS.test(name) && name !== OWN_ADDRESS && !given.includes(name),
  );
  return [
    ...(container?.envFrom ? [`${nameOf(workload)} takes variables that it does not name`] : []),
    ...unknown.map((name) => `${nameOf(workload)} is told ${name}, which its code does not read`),
    ...missing.map((name) => `${nameOf(workload)} is not told ${name}, which its code reads`),
  ];
}

/** `registry.example.com/forerun/chat:0.1.0` is an image of chat. */
export function serviceIn(image: string): string {
  return /(?:^|\/)forerun\/([a-z-]+)[:@]/.exec(image)?.[1] ?? "";
}
