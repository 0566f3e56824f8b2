import type { Logger } from "@forerun/runtime/logger";
import { METRICS } from "@forerun/telemetry/names";
import type { Meter } from "@opentelemetry/api";
import type { Prior } from "../tier0/decision/draft.ts";
import { withHeads } from "../tier0/decision/prior.ts";
import { TIER0_POLICY_VERSION } from "../tier0/decision/tier0-decision.ts";
import { type Calibration, rankingOf } from "./calibration.ts";
import { LoneDecisions } from "./lone-decisions.ts";
import { readCalibration } from "./read-calibration.ts";

export type CalibrationDeps = Readonly<{
  log: Logger;
  meter: Meter;
  random(): number;
  /** Id of the embedder that tools are ranked with; undefined where words alone rank them. */
  embedder: string | undefined;
}>;

/** Tier 0 as the deployment's calibration has it: the prior's own heads and no lone decisions where there is none. */
export type CalibratedTier0 = Readonly<{ prior: Prior; lone: LoneDecisions | undefined }>;

/** Reads the file, when there is one. Throws ForerunError FR-E1903 for an unusable one; one that was fitted to another tier 0 is left unused. */
export function openCalibration(path: string, prior: Prior, deps: CalibrationDeps): CalibratedTier0 {
  const calibration = readCalibration(path);
  if (calibration === undefined) return { prior, lone: undefined };
  if (calibration.policy_version !== TIER0_POLICY_VERSION) {
    deps.log.warn(
      { file: path, made_for: calibration.policy_version, now: TIER0_POLICY_VERSION },
      "calibration is for another version of tier 0 and is not used; run forerun eval calibrate again",
    );
    return { prior, lone: undefined };
  }
  const ranksBy = deps.embedder ?? null;
  if (calibration.embedder !== ranksBy) {
    deps.log.warn(
      { file: path, made_for: calibration.embedder ?? "words", now: ranksBy ?? "words" },
      "calibration is for another ranking and is not used; run forerun eval calibrate with the same EMBEDDINGS",
    );
    return { prior, lone: undefined };
  }
  const version = `${TIER0_POLICY_VERSION}+${calibration.made_at}`;
  return {
    prior: withHeads({ ...prior, version }, rankingOf(calibration), calibration.heads),
    lone: watchedDecisions(calibration, deps),
  };
}

function watchedDecisions(calibration: Calibration, { log, meter, random }: CalibrationDeps): LoneDecisions {
  const results = meter.createCounter(METRICS.routeAlone, {
    description: "Decisions that tier 0 was sure enough of to ask no model, and what audits of them found.",
  });
  const active = meter.createObservableGauge(METRICS.routeAloneActive, {
    description: "1 while tier 0 may decide without a model.",
  });
  const lone = new LoneDecisions({
    calibration,
    random,
    counted: (result) => results.add(1, { result }),
    drifted: () =>
      log.warn(
        { promised: calibration.skip?.promised },
        "audits contradict the calibration: the model is asked for every turn again",
      ),
  });
  active.addCallback((result) => result.observe(lone.active ? 1 : 0));
  return lone;
}
