/** Samples of `npm run faults`: processes of a mesh that die in mid-turn, and streams that break. */
import { skipWithout } from "@forerun/testing/skip-without";
import { expect } from "vitest";
import type { Fault } from "./faults/fault.ts";
import { MESH_BLOWS } from "./faults/mesh/blows.ts";
import { meshFault } from "./faults/mesh/mesh-fault.ts";
import { reconnectFault } from "./faults/mesh/reconnect-fault.ts";
import { scenario } from "./support/scenario.ts";

const TURNS = 4;
const STREAMS = 20;
const WITHIN_MS = 240_000;

function blow(name: string): Fault {
  const found = MESH_BLOWS[name];
  if (!found) throw new Error(`there is no fault ${name}`);
  return meshFault(found);
}

skipWithout("toxiproxy")("a mesh on NATS, Redis and Postgres", () => {
  scenario(
    "fault.mesh-owner",
    async () => {
      const { rows, violations } = await blow("mesh-kill-chat").run(TURNS, () => {});
      expect(violations).toEqual([]);
      expect(rows.map(({ turns, completed }) => ({ turns, completed }))).toEqual(
        Array.from({ length: 5 }, () => ({ turns: TURNS, completed: TURNS })),
      );
    },
    WITHIN_MS,
  );

  scenario(
    "fault.mesh-effects",
    async () => {
      const { rows, violations } = await blow("mesh-kill-tool-executor").run(TURNS, () => {});
      expect(violations).toEqual([]);
      expect(rows.every(({ doubled }) => doubled === 0)).toBe(true);
    },
    WITHIN_MS,
  );

  scenario(
    "fault.mesh-streams",
    async () => {
      const { rows, violations } = await reconnectFault.run(STREAMS, () => {});
      expect(violations).toEqual([]);
      expect(Number(rows[0]?.["connections in all"])).toBeGreaterThan(STREAMS);
    },
    WITHIN_MS,
  );
});
