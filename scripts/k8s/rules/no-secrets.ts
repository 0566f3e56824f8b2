import { containersOf, nameOf, ofKind, workloadsOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

const SECRET_NAME = /(_KEY|PASSWORD|SECRET|TOKEN|_AUTH)$/;
const WITH_PASSWORD = /\/\/[^/\s:@]*:[^/\s@]+@/;

/** Secrets are named, never written down: they come from whoever keeps them. */
export const noSecrets: Rule = {
  id: "no-secrets",
  breaches: (objects) => [
    ...ofKind(objects, "Secret").map((secret) => `${nameOf(secret)} is written down`),
    ...workloadsOf(objects).flatMap((workload) =>
      containersOf(workload).flatMap(({ env = [], args = [] }) => [
        ...env
          .filter(({ name, value }) => value && (SECRET_NAME.test(name) || WITH_PASSWORD.test(value)))
          .map(({ name }) => `${nameOf(workload)}: the value of ${name} is written down`),
        ...args
          .filter((argument) => WITH_PASSWORD.test(argument))
          .map(() => `${nameOf(workload)}: an argument has a password in it`),
      ]),
    ),
  ],
};
