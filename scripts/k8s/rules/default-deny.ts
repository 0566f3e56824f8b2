import { type Manifest, ofKind } from "../manifest.ts";
import type { Policy } from "../network-policy.ts";
import type { Rule } from "../rule.ts";

export const defaultDeny: Rule = {
  id: "default-deny",
  breaches: (objects) =>
    ofKind<Policy>(objects, "NetworkPolicy").some(deniesAll)
      ? []
      : ["no policy keeps every pod to the edges that others allow"],
};

function deniesAll({ spec }: Policy & Manifest): boolean {
  const { podSelector, policyTypes = [], ingress, egress } = spec;
  const everyPod = Object.keys(podSelector).length === 0;
  return everyPod && !ingress && !egress && policyTypes.includes("Ingress") && policyTypes.includes("Egress");
}
