import { it } from "vitest";
import { REQUIREMENTS, type RequirementId } from "../requirements.ts";

/** A test of one promise: its name is the promise itself. */
export function scenario(id: RequirementId, run: () => Promise<void>, timeoutMs?: number): void {
  it(`${id}: ${REQUIREMENTS[id]}`, run, timeoutMs);
}
