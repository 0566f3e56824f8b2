import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { validate } from "uuid";
import type { Cursor } from "../ports.ts";
import type { LiveTurn } from "./live-turn.ts";
import { LOG_POSITION, type PositionRow, type TurnRow } from "./read-statements.ts";
import { getRow } from "./read-turn.ts";
import type { SharedReads } from "./shared-reads.ts";

/** Where a reader of a turn begins: behind sequence `after`. */
export type ReadingStart =
  | { kind: "found"; row: TurnRow; after: number }
  | { kind: "no_turn" }
  | { kind: "out_of_range"; lastSequence: number; epoch: number };

/** A turn and where its log stands. */
export type Standing = { row: TurnRow; position: PositionRow | undefined };

export type StartDeps = { db: Database; standings: SharedReads<Standing | undefined> };

/** Asks the store only for what this process does not write itself: most readers follow the turn that they have begun. */
export async function readingStart(
  { db, standings }: StartDeps,
  live: LiveTurn | undefined,
  { caller, turnId, cursor }: { caller: Caller; turnId: string; cursor: Cursor },
): Promise<ReadingStart> {
  if (live && guard("chat.follow.tenant", live.lease.tenant === caller.tenant) && cursor.epoch === 0)
    return startAt(standingHere(live), cursor);
  if (!validate(turnId)) return { kind: "no_turn" };
  const read = () => readStanding(db, caller, turnId);
  const start = startAt(
    await standings.of(`${guard("chat.standing.tenant", caller.tenant, "")} ${turnId}`, read),
    cursor,
  );
  // What others have asked for a moment ago may be older than the cursor.
  return start.kind === "out_of_range" ? startAt(await read(), cursor) : start;
}

async function readStanding(db: Database, caller: Caller, turnId: string): Promise<Standing | undefined> {
  const row = await getRow(db, caller, turnId);
  if (!row) return undefined;
  const [position] = await db.query<PositionRow>(caller, LOG_POSITION, [turnId, row.epoch]);
  return { row, position };
}

function startAt(standing: Standing | undefined, cursor: Cursor): ReadingStart {
  if (!standing) return { kind: "no_turn" };
  const { row, position } = standing;
  const lastSequence = Math.max(row.last_seq ?? 0, position?.logged ?? 0);
  const older = cursor.epoch > 0 && cursor.epoch < row.epoch;
  if (cursor.epoch > row.epoch || (!older && cursor.afterSequence > lastSequence)) {
    return { kind: "out_of_range", lastSequence, epoch: row.epoch };
  }
  // From an older epoch: everything since the current one began, whose first event resets the text.
  const after = older ? (position?.reset ?? lastSequence + 1) - 1 : cursor.afterSequence;
  return { kind: "found", row, after };
}

/** A turn that runs here. */
function standingHere(live: LiveTurn): Standing {
  return { row: rowOf(live), position: { logged: live.recent.last, reset: null } };
}

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
