import type { Manifest } from "./manifest.ts";

/** What has to hold for all objects of a deployment together. */
export type Rule = Readonly<{
  id: string;
  /** One sentence for each place where it does not hold. */
  breaches(objects: readonly Manifest[]): string[];
}>;
