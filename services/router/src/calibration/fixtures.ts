import { TIER0_POLICY_VERSION } from "../tier0/decision/tier0-decision.ts";
import { HEAD_WEIGHTS } from "../tier0/prior/head-weights.ts";
import type { Calibration } from "./calibration.ts";

/** A calibration that lets tier 0 decide alone from a confidence of 0.6 on. */
export function calibrationFixture(): Calibration {
  const { words } = HEAD_WEIGHTS;
  return {
    version: 1,
    policy_version: TIER0_POLICY_VERSION,
    embedder: null,
    made_at: "2026-03-01T12:00:00Z",
    turns: { in_scope: 400, out_of_scope: 100, by_tool: {} },
    out_of_scope_share: 0.2,
    heads: { scope: { ...words.scope }, choice: { ...words.choice } },
    calibration_error: 0.02,
    arguments_error: 0.03,
    skip: { promised: 0.98, threshold: 0.6, precision: 0.99, lower_bound: 0.981, coverage: 0.4 },
  };
}
