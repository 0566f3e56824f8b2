import { readCases } from "@forerun/evals/read-cases";
import type { RoutingCase } from "@forerun/evals/routing-case";
import { ForerunError } from "@forerun/runtime/forerun-error";

/** The cases of files and folders. Throws FR-E1902 with every fault of every file. */
export function readCaseFiles(paths: readonly string[]): readonly RoutingCase[] {
  const { cases, faults } = readCases(paths);
  if (faults.length === 0) return cases;
  const fix = "evals/README.md shows the format of a case";
  throw new ForerunError("FR-E1902", "invalid_argument", faults.join("\n  "), fix);
}
