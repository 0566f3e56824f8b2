import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { validate } from "uuid";
import type { Cursor } from "../ports.ts";
import type { LiveTurn } from "./live-turn.ts";
import { LOG_POSITION, type PositionRow, type TurnRow } from "./read-statements.ts";
import { getRow } from "./read-turn.ts";

/** Where a reader of a turn begins: behind sequence `after`. */
export type ReadingStart =
  | { kind: "found"; row: TurnRow; after: number }
  | { kind: "no_turn" }
  | { kind: "out_of_range"; lastSequence: number; epoch: number };

/** Asks the store only for what this process does not write itself: most readers follow the turn that they have begun. */
export async function readingStart(
  db: Database,
  live: LiveTurn | undefined,
  caller: Caller,
  turnId: string,
  cursor: Cursor,
): Promise<ReadingStart> {
  const here = live?.lease.tenant === caller.tenant && cursor.epoch === 0 ? live : undefined;
  const row = here ? rowOf(here) : validate(turnId) ? await getRow(db, caller, turnId) : undefined;
  if (!row) return { kind: "no_turn" };
  const position = here
    ? { logged: here.recent.last, reset: null }
    : (await db.query<PositionRow>(caller, LOG_POSITION, [turnId, row.epoch]))[0];
  const lastSequence = Math.max(row.last_seq ?? 0, position?.logged ?? 0);
  const older = cursor.epoch > 0 && cursor.epoch < row.epoch;
  if (cursor.epoch > row.epoch || (!older && cursor.afterSequence > lastSequence)) {
    return { kind: "out_of_range", lastSequence, epoch: row.epoch };
  }
  // From an older epoch: everything since the current one began, whose first event resets the text.
  const after = older ? (position?.reset ?? lastSequence + 1) - 1 : cursor.afterSequence;
  return { kind: "found", row, after };
}

/** The row of a turn that runs here. */
function rowOf({ lease, traceId }: LiveTurn): TurnRow {
  return {
    id: lease.turnId,
    conversation_id: lease.conversationId,
    state: "running",
    waiting: false,
    epoch: lease.epoch,
    trace_id: traceId,
    accepted: lease.createTime,
    finished: null,
    last_seq: null,
    digest: null,
    answer: null,
  };
}
