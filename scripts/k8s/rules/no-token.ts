import { type Manifest, nameOf, ofKind, workloadsOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

type Account = Manifest & { automountServiceAccountToken?: boolean };

/** Nothing here talks to the cluster's API: each pod has an account of its own, and a token of none. */
export const noToken: Rule = {
  id: "no-token",
  breaches(objects) {
    const accounts = ofKind<Account>(objects, "ServiceAccount");
    const open = accounts.filter((account) => account.automountServiceAccountToken !== false);
    const names = new Set(accounts.map(({ metadata }) => metadata.name));
    return [
      ...open.map((account) => `${nameOf(account)} hands out its token`),
      ...workloadsOf(objects).flatMap((workload) => {
        const { automountServiceAccountToken: mounted, serviceAccountName: account } =
          workload.spec.template.spec;
        if (mounted !== false) return [`${nameOf(workload)} mounts a token`];
        const own = account === workload.metadata.name && names.has(account);
        return own ? [] : [`${nameOf(workload)} has no account of its own`];
      }),
    ];
  },
};
