/**
 * The router without a model: whole calls and arguments on public sets, false calls, calibration, and microseconds a decision. What ships
 * was fitted on these sets, which flatters it; "held out" is a prior fitted on every second line, judged on the others.
 */
import { existsSync } from "node:fs";
import { createPrior } from "@forerun/router/tier0/decision/prior";
import { Tier0 } from "@forerun/router/tier0/tier0";
import type { Measurement } from "./measurement.ts";
import { measureAccuracy } from "./routing/accuracy.ts";
import { measureCalibration } from "./routing/calibration.ts";
import { dataFolder } from "./routing/data.ts";
import { measureFalseCalls } from "./routing/false-calls.ts";
import { fitPrior } from "./routing/fit/fit-prior.ts";
import { measureReliability } from "./routing/reliability.ts";
import { measureSpeed } from "./routing/speed.ts";

export async function* run(): AsyncGenerator<Measurement> {
  yield* measureSpeed();
  if (!existsSync(dataFolder())) {
    process.stderr.write(`skipped the public sets: ${dataFolder()} is not there; set FORERUN_DATA_DIR\n`);
    return;
  }
  const heldPrior = await fitPrior("even");
  yield* measureReliability(heldPrior, "odd", ", held out");
  const held = new Tier0(heldPrior);
  yield* measureAccuracy(held, "odd", ", held out");
  yield* measureFalseCalls(held, "odd", ", held out");
  const shipped = new Tier0(createPrior());
  yield* measureAccuracy(shipped, "all", "");
  yield* measureFalseCalls(shipped, "all", "");
  yield* measureCalibration();
}
