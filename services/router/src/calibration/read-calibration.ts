import { readFileSync } from "node:fs";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { type Calibration, calibrationSchema } from "./calibration.ts";

/** Undefined when there is no such file. Throws ForerunError FR-E1903 for one that cannot be read or is no calibration. */
export function readCalibration(path: string): Calibration | undefined {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // A data folder that cannot be one is told of by the store that opens it.
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw unusable(path, (error as Error).message, error);
  }
  const result = calibrationSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join(".") ?? "";
  throw unusable(
    path,
    `${place === "" ? "" : `${place}: `}${issue?.message ?? "not a calibration"}`,
    result.error,
  );
}

function unusable(path: string, problem: string, cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1903",
    "failed_precondition",
    `${path}: ${problem}`,
    "write it anew with forerun eval calibrate FILE, or remove it: then the model is always asked",
    { cause },
  );
}
