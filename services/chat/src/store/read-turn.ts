import type { Database, Query } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { decodeEvents } from "../event-codec-wire.ts";
import { acceptedTurn, foldTurn } from "../fold-turn.ts";
import type { Turn } from "../turn.ts";
import { decodeTurn } from "../turn-codec-wire.ts";
import type { TurnEvent } from "../turn-event.ts";
import { type ChunkRow, GET_TURN, READ_EVENTS, type TurnRow } from "./read-statements.ts";

/** Chunks a page of the log; with what a chunk holds at most, a page stays within some megabytes. */
const PAGE = 16;

export async function getRow(db: Database, caller: Caller, turnId: string): Promise<TurnRow | undefined> {
  const [row] = await db.query<TurnRow>(caller, GET_TURN, [turnId]);
  return row;
}

/** The turn as its row and, while it runs, its log say. */
export async function turnOf(db: Database, caller: Caller, row: TurnRow): Promise<Turn> {
  if (row.digest) return decodeTurn(row.digest, row.answer ?? "");
  const read = (after: number) => db.query<ChunkRow>(caller, READ_EVENTS, [row.id, after, PAGE]);
  return foldLog(row, read);
}

type LogOwner = Pick<TurnRow, "id" | "conversation_id" | "epoch" | "trace_id" | "accepted">;

/** As `turnOf` for a running turn, inside a transaction of the service's own. */
export function foldRunning(query: Query, row: LogOwner): Promise<Turn> {
  return foldLog(row, (after) => query<ChunkRow>(READ_EVENTS, [row.id, after, PAGE]));
}

async function foldLog(row: LogOwner, read: ReadPage): Promise<Turn> {
  const events = await eventsOf(row, read);
  const folded = foldTurn(events) ?? {
    ...acceptedTurn({
      turnId: row.id,
      conversationId: row.conversation_id,
      createTime: row.accepted,
      epoch: row.epoch,
      traceId: row.trace_id,
    }),
    lastSequence: events.at(-1)?.sequence ?? 0,
  };
  return folded;
}

/** All that the log holds of a turn. */
export function readLog(db: Database, caller: Caller, row: LogOwner): Promise<TurnEvent[]> {
  return eventsOf(row, (after) => db.query<ChunkRow>(caller, READ_EVENTS, [row.id, after, PAGE]));
}

type ReadPage = (after: number) => Promise<ChunkRow[]>;

async function eventsOf(row: LogOwner, read: ReadPage): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.sequence ?? 0;
    const page = eventsAfter(await read(after), row, after);
    if (page.length === 0) return events;
    events.push(...page);
  }
}

/** One page of the log after a sequence, as the caller's tenant sees it. */
export async function readEvents(
  db: Database,
  caller: Caller,
  row: LogOwner,
  after: number,
): Promise<TurnEvent[]> {
  return eventsAfter(await db.query<ChunkRow>(caller, READ_EVENTS, [row.id, after, PAGE]), row, after);
}

function eventsAfter(chunks: readonly ChunkRow[], row: LogOwner, after: number): TurnEvent[] {
  return chunks
    .flatMap(({ first_seq, epoch, data }) =>
      decodeEvents(data, { turnId: row.id, traceId: row.trace_id, epoch, firstSequence: first_seq }),
    )
    .filter(({ sequence }) => sequence > after);
}
