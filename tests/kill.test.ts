/** A sample of `npm run faults -- kill`: each point once. */
import { describe, expect } from "vitest";
import { killFault } from "./faults/kill/kill-fault.ts";
import { KILL_POINTS } from "./faults/kill/points.ts";
import { scenario } from "./support/scenario.ts";

describe("kill -9 in mid-turn", () => {
  scenario(
    "fault.kill",
    async () => {
      const { rows, violations } = await killFault.run(1, () => {});
      expect(violations).toEqual([]);
      expect(rows).toMatchObject(KILL_POINTS.map(({ name }) => ({ point: name, runs: 1 })));
      expect(rows.filter((row) => row["failed(unavailable)"] === 1).length).toBeGreaterThanOrEqual(5);
    },
    180_000,
  );
});
