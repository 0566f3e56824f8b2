/** The attacks of tenants on each other once more, through a real Envoy. */
import { Code } from "@connectrpc/connect";
import { startPostgres } from "@forerun/components/postgres";
import { claimSigner } from "@forerun/rpc/claim";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect, it } from "vitest";
import { scenario } from "../support/scenario.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { attackTenants } from "./support/attack-tenants.ts";
import { behindGateway } from "./support/behind-gateway.ts";
import { openDoors } from "./support/caller-at-a-door.ts";
import { type FiveServices, KEY, startFiveServices } from "./support/five-services.ts";
import { callerOf } from "./support/loot.ts";

function throughTheGateway(): void {
  const stack = new DisposalStack();
  let services: FiveServices;

  beforeAll(async () => {
    const dataDir = stack.use(await scratchFolder()).path;
    const { url } = stack.use(await startPostgres());
    services = stack.use(await behindGateway(stack.use(await startFiveServices(url, dataDir))));
  }, 120_000);
  afterAll(() => stack[Symbol.asyncDispose](), 60_000);

  scenario(
    "isolation.gateway",
    async () => {
      const { tries, leaks } = await attackTenants(services, 2);
      expect(leaks).toEqual([]);
      expect(tries).toBeGreaterThan(200);
    },
    120_000,
  );

  it("is nobody let in by a header, not even by a service's own claim", async () => {
    using doors = openDoors(services);
    const claim = await claimSigner(KEY, "chat")(callerOf("acme"));
    const forged: Record<string, string>[] = [
      {},
      { "x-forerun-tenant": "acme", "x-forerun-queue": "default", "x-tenant-id": "acme" },
      { "forerun-caller": claim },
      { "FORERUN-CALLER": claim, "fr-caller": claim, "x-forerun-caller": claim },
      { authorization: `Bearer ${claim}`, "x-forerun-tenant": "acme" },
    ];
    const told = new Set<string>();
    for (const way of doors.ways) {
      const heard = await Promise.all(forged.map((headers) => doors.call(way, {}, { headers })));
      for (const { code, text } of heard) {
        expect({ name: way.name, code }).toEqual({ name: way.name, code: Code.Unauthenticated });
        told.add(text);
      }
    }
    expect(told.size).toBe(1);
  }, 60_000);
}

skipWithout("postgres")("through the gateway", () => {
  skipWithout("envoy")("of two tenants", throughTheGateway);
});
