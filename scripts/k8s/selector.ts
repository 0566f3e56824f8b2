import type { Labels } from "./manifest.ts";

export type Selector = Readonly<{
  matchLabels?: Labels;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}>;

/** Whether a pod is meant. Throws for an operator that no manifest here needs. */
export function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== "In") throw new Error(`selectors by ${operator} are not understood here`);
      return values.includes(labels[key] ?? "");
    })
  );
}
