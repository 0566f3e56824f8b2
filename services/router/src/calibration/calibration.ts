import { z } from "zod";
import type { RankedBy } from "../tier0/decision/heads.ts";

const weights = z.record(z.string(), z.number());
const share = z.number().min(0).max(1);

/** `DATA_DIR/calibration.json`: what tier 0 has learnt from a deployment's own turns. Written by `forerun eval calibrate`. */
export const calibrationSchema = z.strictObject({
  version: z.literal(1),
  /** Version of the tier 0 it was fitted with; another one reads turns otherwise. */
  policy_version: z.string().min(1),
  /** Id of the embedder that ranked by meaning; null where words alone did, as in files that do not say. */
  embedder: z.string().min(1).nullable().default(null),
  made_at: z.iso.datetime(),
  turns: z.strictObject({
    in_scope: z.int().min(0),
    out_of_scope: z.int().min(0),
    by_tool: z.record(z.string(), z.int().min(0)),
  }),
  /** Share of live turns that want no tool, as expected; turns were weighted to it. */
  out_of_scope_share: share,
  heads: z.strictObject({ scope: weights, choice: weights }),
  /** Mean distance between the leading tool's probability and how often it was wanted, on turns not fitted to. */
  calibration_error: share,
  /** The same of the arguments of calls of the wanted tools; null where no such call was made. */
  arguments_error: share.nullable().default(null),
  /** When to decide without a model; null when no threshold keeps the promise on these turns. */
  skip: z
    .strictObject({
      /** Share of right decisions that is promised, with 95 % confidence. */
      promised: share,
      threshold: share,
      /** Seen on turns not fitted to. */
      precision: share,
      lower_bound: share,
      /** Share of turns that need no model. */
      coverage: share,
    })
    .nullable(),
});

export type Calibration = z.output<typeof calibrationSchema>;

/** Which ranking's heads it holds. */
export function rankingOf({ embedder }: Pick<Calibration, "embedder">): RankedBy {
  return embedder === null ? "words" : "meaning";
}
