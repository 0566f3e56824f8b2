import { openReads } from "./reads.ts";
import type { Rule } from "./rule.ts";
import { bounds } from "./rules/bounds.ts";
import { configFile } from "./rules/config-file.ts";
import { defaultDeny } from "./rules/default-deny.ts";
import { disruption } from "./rules/disruption.ts";
import { edges } from "./rules/edges.ts";
import { environment } from "./rules/environment.ts";
import { grace } from "./rules/grace.ts";
import { identity } from "./rules/identity.ts";
import { images } from "./rules/images.ts";
import { labels } from "./rules/labels.ts";
import { noSecrets } from "./rules/no-secrets.ts";
import { noToken } from "./rules/no-token.ts";
import { noHost, nonRoot, noPrivileges, seccomp } from "./rules/pod-security.ts";
import { ports } from "./rules/ports.ts";
import { probes } from "./rules/probes.ts";
import { readOnlyRoot } from "./rules/read-only-root.ts";
import { references } from "./rules/references.ts";
import { rollout } from "./rules/rollout.ts";
import { scaling } from "./rules/scaling.ts";
import { spread } from "./rules/spread.ts";

/** What every deployment is held against. tests/manifests.test.ts plants a breach of each. */
export function openRules(): readonly Rule[] {
  const reads = openReads();
  return [
    nonRoot,
    seccomp,
    noPrivileges,
    noHost,
    readOnlyRoot,
    noToken,
    bounds,
    probes,
    grace,
    images,
    noSecrets,
    references,
    disruption,
    rollout,
    spread,
    scaling,
    labels,
    ports,
    configFile,
    environment(reads),
    identity,
    defaultDeny,
    edges(reads),
  ];
}
