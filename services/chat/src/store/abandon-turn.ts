import type { Database, Query } from "@forerun/db/database";
import { endBehind } from "./end-behind.ts";
import { endValues } from "./finish-turn.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { OnGap } from "./log-gap.ts";
import { LOG_ROLE } from "./migrations.ts";
import { foldRunning } from "./read-turn.ts";
import { type HeldTurnRow, TURNS_OF_DEAD } from "./replica-statements.ts";
import { ABANDON_TURN, LOCK_RUNNING_TURN, type LockedTurnRow, type TurnIdRow } from "./turn-statements.ts";
import { usageValue } from "./usage-value.ts";

export type AbandonDeps = {
  db: Database;
  now(): Date;
  /** Carries the end to those who follow the turn elsewhere. */
  feed?: LiveFeed | undefined;
  onGap: OnGap;
};

/**
 * Ends a turn that runs in this very epoch as failed, with its terminal event behind what its owner had made durable: (unavailable),
 * or (internal) where its log cannot be read, which no other try would change. Its epoch stays: whoever follows it sees no gap, and
 * an owner that is alive after all is fenced because the turn has ended.
 * False when the turn was not running any more, or not so.
 */
export async function abandonTurn(deps: AbandonDeps, held: HeldTurnRow): Promise<boolean> {
  const ended = await deps.db.system(LOG_ROLE, (query) => abandon(query, deps.now(), held), {
    priority: true,
  });
  if (ended) deps.feed?.publish(ended, ended.chunk);
  if (ended && !ended.whole) deps.onGap("unreadable", held.turn_id);
  return ended !== undefined;
}

async function abandon(query: Query, endTime: Date, { turn_id: turnId, epoch }: HeldTurnRow) {
  const [locked] = await query<LockedTurnRow>(LOCK_RUNNING_TURN, [turnId, epoch]);
  if (!locked) return undefined;
  const { turn: stands, whole } = await foldRunning(query, locked);
  const errorCode = whole ? "unavailable" : "internal";
  const { turn, chunk } = endBehind(stands, { state: "failed", errorCode, retryable: whole, endTime }, epoch);
  const rows = await query<TurnIdRow>(ABANDON_TURN, [...endValues(turn, chunk), usageValue(turn)]);
  return rows.length > 0 ? { tenant: locked.tenant_id, turnId, chunk, whole } : undefined;
}

const BATCH = 500;

/** At a start with no other live replica: ends every turn that dead owners left running. Gives their number. */
export async function sweepDeadOwners(deps: AbandonDeps, owner: string): Promise<number> {
  let ended = 0;
  for (;;) {
    const rows = await deps.db.systemQuery<HeldTurnRow>(LOG_ROLE, TURNS_OF_DEAD, [owner, BATCH]);
    let progress = 0;
    for (const row of rows) if (await abandonTurn(deps, row)) progress += 1;
    ended += progress;
    if (rows.length < BATCH || progress === 0) return ended;
  }
}
