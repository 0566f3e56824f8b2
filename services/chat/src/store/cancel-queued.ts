import type { Database, Query } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { endBehind } from "./end-behind.ts";
import { endValues } from "./finish-turn.ts";
import type { LiveFeed } from "./live-feed.ts";
import { END_QUEUED_TURN, LOCK_QUEUE_OF_TURN, QUEUED_TURN } from "./queue-statements.ts";
import { foldRunning } from "./read-turn.ts";
import type { LockedTurnRow, TurnIdRow } from "./turn-statements.ts";

export type CancelDeps = {
  db: Database;
  now(): Date;
  /** Carries the end to those who follow the turn elsewhere. */
  feed: LiveFeed | undefined;
};

/** Ends a turn that waits as cancelled; it never joins the conversation. False when it does not wait (any more). */
export async function cancelQueued(
  { db, now, feed }: CancelDeps,
  caller: Caller,
  turnId: string,
  reason: "user" | "disconnect",
): Promise<boolean> {
  const end = { state: "cancelled", reason, endTime: now() } as const;
  const chunk = await db.tx(caller, (query) => endWaiting(query, turnId, end), { priority: true });
  if (chunk) feed?.publish({ tenant: caller.tenant, turnId }, chunk);
  return chunk !== undefined;
}

async function endWaiting(query: Query, turnId: string, end: Parameters<typeof endBehind>[1]) {
  const [waits] = await query<{ id: string }>(LOCK_QUEUE_OF_TURN, [turnId]);
  const [row] = waits ? await query<LockedTurnRow>(QUEUED_TURN, [turnId]) : [];
  if (!row) return undefined;
  const { turn: stands } = await foldRunning(query, row);
  const { turn, chunk } = endBehind(stands, end, row.epoch);
  const rows = await query<TurnIdRow>(END_QUEUED_TURN, endValues(turn, chunk));
  return rows.length > 0 ? chunk : undefined;
}
