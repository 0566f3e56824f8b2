/** A sample of `npm run faults -- gateway-floods`, without its waits and without judging a machine's speed. */
import { skipWithout } from "@forerun/testing/skip-without";
import { expect } from "vitest";
import { carryOut } from "./faults/gateway/assault.ts";
import { startEcho } from "./faults/gateway/echo.ts";
import { floods } from "./faults/gateway/floods.ts";
import { openFloodStand, smuggleAll } from "./faults/gateway/floods-fault.ts";
import { scenario } from "./support/scenario.ts";

const WITHIN_MS = 120_000;
const CLOSED_WITHIN_MS = 30_000;

skipWithout("envoy")("a gateway under attack", () => {
  scenario(
    "gateway.floods",
    async () => {
      await using echo = await startEcho();
      await using stand = await openFloodStand(echo);
      const port = stand.gateways[0]?.port ?? 0;
      const attacks = floods(stand.issuer.token("mallory")).map(async (assault) => {
        const { opened, closed } = await carryOut(assault, port, CLOSED_WITHIN_MS);
        return { attack: assault.name, open: opened - closed };
      });
      const left = (await Promise.all(attacks)).filter(({ open }) => open > 0);
      expect(left).toEqual([]);
    },
    WITHIN_MS,
  );

  scenario(
    "gateway.smuggling",
    async () => {
      await using echo = await startEcho();
      await using stand = await openFloodStand(echo);
      const { row, found } = await smuggleAll(stand, echo);
      expect(found).toEqual([]);
      expect(Number(row.closed)).toBeGreaterThan(0);
    },
    WITHIN_MS,
  );
});
