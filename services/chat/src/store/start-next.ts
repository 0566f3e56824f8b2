import type { Database, Query } from "@forerun/db/database";
import { LOG_ROLE } from "./migrations.ts";
import { type QueueRow, STALLED_QUEUES, START_NEXT } from "./queue-statements.ts";
import { serviceCaller } from "./service-caller.ts";
import type { TakenRow } from "./take-statements.ts";
import { LOCK_CONVERSATION } from "./turn-statements.ts";

export type StartDeps = { db: Database; owner: string; now(): Date };

/** Starts the turn that waits first for this process to drive, in a transaction that has locked the conversation. */
export async function startNext(
  query: Query,
  { owner, now }: Omit<StartDeps, "db">,
  conversationId: string,
): Promise<TakenRow | undefined> {
  const [row] = await query<TakenRow>(START_NEXT, [conversationId, owner, now()]);
  return row;
}

/** As `startNext`, where no turn's end does it: in a transaction of its own. */
export async function startQueued(
  deps: StartDeps,
  tenant: string,
  conversationId: string,
): Promise<TakenRow | undefined> {
  return deps.db.tx(
    serviceCaller(tenant),
    async (query) => {
      const locked = query(LOCK_CONVERSATION, [conversationId]);
      const started = startNext(query, deps, conversationId);
      return (await Promise.all([locked, started]))[1];
    },
    { priority: true },
  );
}

/** Starts turns that wait though none of their conversation runs: whoever ended the one before died, or was to stop. At most `most`. */
export async function startStalled(deps: StartDeps, most: number): Promise<TakenRow[]> {
  const queues = most > 0 ? await deps.db.systemQuery<QueueRow>(LOG_ROLE, STALLED_QUEUES, [most]) : [];
  const started: TakenRow[] = [];
  for (const { tenant_id, conversation_id } of queues) {
    const row = await startQueued(deps, tenant_id, conversation_id);
    if (row) started.push(row);
  }
  return started;
}
