import type { Database } from "@forerun/db/database";
import type { Meter } from "@forerun/quota/meter";
import type { UsageBook, UsageSum } from "../ports.ts";
import { LOG_ROLE } from "./migrations.ts";
import { serviceCaller } from "./service-caller.ts";
import {
  LIVE_REPLICAS,
  type ReplicasRow,
  USAGE_SUMS,
  USED_SINCE,
  type UsageSumRow,
  type UsedRow,
} from "./usage-statements.ts";

/** What turns have used, as their ends note it. */
export function createUsageBook(db: Database): UsageBook {
  return {
    async usedSince({ tenant, scope, unit }: Meter, since: number): Promise<number> {
      const subject = scope.kind === "user" ? scope.subject : null;
      const model = scope.kind === "model" ? scope.model : null;
      const values = [unit, new Date(since), subject, model];
      const [row] = await db.query<UsedRow>(serviceCaller(tenant), USED_SINCE, values);
      return Number(row?.used ?? 0);
    },
    async processes(): Promise<number> {
      const [row] = await db.systemQuery<ReplicasRow>(LOG_ROLE, LIVE_REPLICAS);
      return Math.max(1, row?.replicas ?? 1);
    },
    async sums(tenant, by, since): Promise<UsageSum[]> {
      const rows = await db.query<UsageSumRow>(serviceCaller(tenant), USAGE_SUMS, [by, since]);
      return rows.map((row) => ({
        name: row.name,
        calls: Number(row.calls),
        inputTokens: Number(row.input_tokens),
        outputTokens: Number(row.output_tokens),
        costMicros: Number(row.cost_micros),
      }));
    },
  };
}
