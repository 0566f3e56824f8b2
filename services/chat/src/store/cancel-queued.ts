import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { encodeEvent } from "../event-codec-wire.ts";
import type { Turn } from "../turn.ts";
import { endValues } from "./finish-turn.ts";
import { END_QUEUED_TURN, LOCK_QUEUED_TURN } from "./queue-statements.ts";
import { foldRunning } from "./read-turn.ts";
import { terminalEvent } from "./terminal-event.ts";
import type { LockedTurnRow, TurnIdRow } from "./turn-statements.ts";

/** Ends a turn that waits as cancelled by its user; it never joins the conversation. False when it does not wait (any more). */
export async function cancelQueued(
  { db, now }: { db: Database; now(): Date },
  caller: Caller,
  turnId: string,
): Promise<boolean> {
  return db.tx(
    caller,
    async (query) => {
      const [locked] = await query<LockedTurnRow>(LOCK_QUEUED_TURN, [turnId]);
      if (!locked) return false;
      const { turn: stands } = await foldRunning(query, locked);
      const sequence = stands.lastSequence + 1;
      const [createTime, { epoch }] = [now(), locked];
      const turn: Turn = {
        ...stands,
        state: "cancelled",
        reason: "user",
        endTime: createTime,
        epoch,
        lastSequence: sequence,
      };
      const event = {
        turnId,
        sequence,
        epoch,
        createTime,
        stepId: "",
        traceId: turn.traceId,
        body: terminalEvent(turn),
      };
      const chunk = { firstSequence: sequence, lastSequence: sequence, data: encodeEvent(event) };
      const rows = await query<TurnIdRow>(END_QUEUED_TURN, endValues(turn, chunk));
      return rows.length > 0;
    },
    { priority: true },
  );
}
