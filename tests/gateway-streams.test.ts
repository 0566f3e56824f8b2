/** Samples of `npm run faults -- gateway-kill` and `gateway-silence`: streams through gateways that die or have nothing to carry. */
import { skipWithout } from "@forerun/testing/skip-without";
import { expect } from "vitest";
import { gatewayKill } from "./faults/gateway/kill-fault.ts";
import { silent } from "./faults/gateway/silence-fault.ts";
import { scenario } from "./support/scenario.ts";

const TURNS = 3;
const WITHIN_MS = 240_000;

skipWithout("envoy")("streams through gateways", () => {
  scenario(
    "gateway.killed",
    async () => {
      const { rows, violations } = await gatewayKill.run(TURNS, () => {});
      expect(violations).toEqual([]);
      expect(rows.map(({ turns, completed }) => ({ turns, completed }))).toEqual(
        Array.from({ length: 5 }, () => ({ turns: TURNS, completed: TURNS })),
      );
    },
    WITHIN_MS,
  );

  scenario(
    "gateway.silence",
    async () => {
      // Longer than the gateway waits for a byte, so that only heartbeats can keep it.
      const limits = { stream_idle_seconds: 20 };
      const { rows, violations } = await silent({ streams: 2, forMs: 32_000, limits }, () => {});
      expect(violations).toEqual([]);
      expect(rows.every(({ heartbeats }) => Number(heartbeats) > 0)).toBe(true);
    },
    WITHIN_MS,
  );
});
