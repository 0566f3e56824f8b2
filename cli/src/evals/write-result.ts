import { writeFileSync } from "node:fs";
import { ForerunError } from "@forerun/runtime/forerun-error";

/** Writes what an option asked for. Throws FR-E1801 when that cannot be written there. */
export function writeResult(option: string, path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const cause = `${option} ${path}: ${(error as Error).message}`;
    throw new ForerunError("FR-E1801", "invalid_argument", cause, "name a file in a folder that is there", {
      cause: error,
    });
  }
}
