import { containersOf, nameOf, workloadsOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

export const nonRoot: Rule = {
  id: "non-root",
  breaches: (objects) =>
    workloadsOf(objects).flatMap((workload) => {
      const pod = workload.spec.template.spec.securityContext;
      const own = containersOf(workload).filter(({ securityContext }) => {
        const { runAsNonRoot = pod?.runAsNonRoot, runAsUser = pod?.runAsUser } = securityContext ?? {};
        return runAsNonRoot !== true || !runAsUser;
      });
      return own.map(({ name }) => `${nameOf(workload)}: ${name} may run as root`);
    }),
};

export const seccomp: Rule = {
  id: "seccomp",
  breaches: (objects) =>
    workloadsOf(objects).flatMap((workload) => {
      const pod = workload.spec.template.spec.securityContext?.seccompProfile;
      const free = containersOf(workload).filter(
        ({ securityContext }) => (securityContext?.seccompProfile ?? pod)?.type !== "RuntimeDefault",
      );
      return free.map(({ name }) => `${nameOf(workload)}: ${name} has no seccomp profile`);
    }),
};

export const noPrivileges: Rule = {
  id: "no-privileges",
  breaches: (objects) =>
    workloadsOf(objects).flatMap((workload) => {
      const strong = containersOf(workload).filter(({ securityContext: context }) => {
        const drops = context?.capabilities?.drop?.includes("ALL") && !context.capabilities.add;
        return context?.allowPrivilegeEscalation !== false || context.privileged === true || !drops;
      });
      return strong.map(({ name }) => `${nameOf(workload)}: ${name} keeps or may gain privileges`);
    }),
};

export const noHost: Rule = {
  id: "no-host",
  breaches: (objects) =>
    workloadsOf(objects).flatMap((workload) => {
      const { hostNetwork, hostPID, hostIPC, volumes = [] } = workload.spec.template.spec;
      const shares = hostNetwork || hostPID || hostIPC || volumes.some(({ hostPath }) => hostPath);
      return shares ? [`${nameOf(workload)} shares something of its node`] : [];
    }),
};
