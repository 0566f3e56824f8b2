import { calibrationError } from "@forerun/router/calibration/calibration-error";
import type { Prior } from "@forerun/router/tier0/decision/draft";
import { counted, type Measurement } from "../measurement.ts";
import { argumentForecasts } from "./argument-forecasts.ts";
import { readCases } from "./data.ts";
import { ARGUED_SETS, type Half, halfOf } from "./fit/fit-prior.ts";
import { readCase } from "./read-case.ts";

/** Fewer than this tell little of a type. */
const LEAST = 5;

/** How sure tier 0 is of arguments, by the type of the value, and how often they are right. The ratio says how much too sure it is. */
export function* measureReliability(prior: Prior, half: Half, note: string): Generator<Measurement> {
  const read = ARGUED_SETS.flatMap((file) => halfOf(readCases(file) ?? [], half)).flatMap(
    (one) => readCase(one, prior.lexicon, prior.arguments) ?? [],
  );
  const judged = read.map(({ extraction, expected }) => {
    const forecasts = argumentForecasts(extraction, expected);
    const happened = forecasts.every((one) => one.happened);
    return { forecasts, whole: { probability: extraction.probability, happened, weight: 1 } };
  });
  const all = judged.flatMap(({ forecasts }) => forecasts);
  const label = `arguments${note}`;
  for (const type of [...new Set(all.map((one) => one.type))].sort()) {
    const ones = all.filter((one) => one.type === type);
    if (ones.length < LEAST) continue;
    const right = ones.filter(({ happened }) => happened).length / ones.length;
    const sure = ones.reduce((sum, { probability }) => sum + probability, 0) / ones.length;
    yield {
      ...counted("tier0", label, `mean confidence: ${type}`, sure),
      unit: `of ${ones.length}, right ${right.toFixed(3)}`,
      reference: right,
      ratio: sure / right,
    };
  }
  yield counted("tier0", label, "calibration error, one", calibrationError(all));
  yield counted(
    "tier0",
    label,
    "calibration error, whole call",
    calibrationError(judged.map(({ whole }) => whole)),
  );
}
