import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { DisposalStack } from "@forerun/runtime/disposal";
import { attackTenants } from "../isolation/support/attack-tenants.ts";
import { startFiveServices } from "../isolation/support/five-services.ts";
import type { Fault } from "./fault.ts";

/** As many tenants as times, each of which attacks every other by every method. */
export const crossTenantFault: Fault = {
  title: "tenants, as many as times, attack each other by every method of every service",
  async run(tenants, say) {
    await using stack = new DisposalStack();
    const dataDir = await mkdtemp(join(tmpdir(), "forerun-tenants-"));
    stack.defer(() => rm(dataDir, { recursive: true, force: true }));
    const { url } = stack.use(await startPostgres());
    const services = stack.use(await startFiveServices(url, dataDir));
    say(`${tenants} tenants`);
    const { tries, leaks, methods } = await attackTenants(services, tenants);
    const rows = [...methods].map(([method, count]) => ({ method, tries: count }));
    return { rows: [...rows, { method: "all", tries }], violations: [...leaks] };
  },
};
