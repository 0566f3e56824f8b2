import { workloadsOf } from "../manifest.ts";
import { neededEdges } from "../needed-edges.ts";
import { allowedEdges, OUTSIDE } from "../network-policy.ts";
import type { ReadsOf } from "../reads.ts";
import type { Rule } from "../rule.ts";

/** Every edge that the code uses is allowed at both its ends, and nothing else is. */
export function edges(readsOf: ReadsOf): Rule {
  return {
    id: "edges",
    breaches(objects) {
      const here = new Set([...workloadsOf(objects).map(({ metadata }) => metadata.name), OUTSIDE]);
      const needed = neededEdges(objects, readsOf);
      const { leaving, reaching } = allowedEdges(objects);
      const fromHere = (edge: string) => here.has(edge.split(" → ")[0] ?? "");
      const toHere = (edge: string) => !edge.includes(`→ ${OUTSIDE}:`);
      return [
        ...[...needed]
          .filter((edge) => fromHere(edge) && !leaving.has(edge))
          .map((edge) => `${edge} may not leave`),
        ...[...needed]
          .filter((edge) => toHere(edge) && !reaching.has(edge))
          .map((edge) => `${edge} may not reach it`),
        ...[...leaving]
          .filter((edge) => !needed.has(edge))
          .map((edge) => `${edge} may leave, and nothing needs it`),
        ...[...reaching]
          .filter((edge) => !needed.has(edge))
          .map((edge) => `${edge} may reach it, and nothing needs it`),
      ];
    },
  };
}
