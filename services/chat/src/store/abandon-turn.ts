import type { Database } from "@forerun/db/database";
import { encodeEvent } from "../event-codec-wire.ts";
import type { Turn } from "../turn.ts";
import { endValues } from "./finish-turn.ts";
import { LOG_ROLE } from "./migrations.ts";
import { foldRunning } from "./read-turn.ts";
import { terminalEvent } from "./terminal-event.ts";
import {
  ABANDON_TURN,
  LOCK_RUNNING_TURN,
  type LockedTurnRow,
  TURNS_OF_OTHERS,
  type TurnIdRow,
} from "./turn-statements.ts";

export type AbandonDeps = { db: Database; now(): Date };

/**
 * Ends a running turn as failed(unavailable), with its terminal event behind what its owner had made durable. Its epoch stays:
 * whoever follows it sees no gap, and an owner that is alive after all is fenced because the turn has ended.
 * False when the turn was not running any more.
 */
export async function abandonTurn({ db, now }: AbandonDeps, turnId: string): Promise<boolean> {
  return db.system(
    LOG_ROLE,
    async (query) => {
      const [locked] = await query<LockedTurnRow>(LOCK_RUNNING_TURN, [turnId]);
      if (!locked) return false;
      const { lastSequence, ...stands } = await foldRunning(query, locked);
      const sequence = lastSequence + 1;
      const turn: Turn = {
        ...stands,
        state: "failed",
        errorCode: "unavailable",
        retryable: true,
        endTime: now(),
        epoch: locked.epoch,
        lastSequence: sequence,
      };
      const data = encodeEvent({
        turnId,
        sequence,
        epoch: turn.epoch,
        createTime: now(),
        stepId: "",
        traceId: turn.traceId,
        body: terminalEvent(turn),
      });
      const chunk = { firstSequence: sequence, lastSequence: sequence, data };
      const rows = await query<TurnIdRow>(ABANDON_TURN, endValues(turn, chunk));
      return rows.length > 0;
    },
    { priority: true },
  );
}

const BATCH = 500;

/** At a start with no other live replica: ends every turn that another owner left running. Gives their number. */
export async function sweepDeadOwners(deps: AbandonDeps, owner: string): Promise<number> {
  let ended = 0;
  for (;;) {
    const rows = await deps.db.systemQuery<TurnIdRow>(LOG_ROLE, TURNS_OF_OTHERS, [owner, BATCH]);
    let progress = 0;
    for (const { turn_id } of rows) if (await abandonTurn(deps, turn_id)) progress += 1;
    ended += progress;
    if (rows.length < BATCH || progress === 0) return ended;
  }
}
