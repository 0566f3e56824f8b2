import type { Database, Query } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { decodeEvents } from "../event-codec-wire.ts";
import { acceptedTurn, foldTurn } from "../fold-turn.ts";
import type { Turn } from "../turn.ts";
import { decodeTurn } from "../turn-codec-wire.ts";
import type { TurnEvent } from "../turn-event.ts";
import {
  type ChunkRow,
  GET_TURN,
  LAST_IN_LOG,
  type LoggedRow,
  READ_EVENTS,
  type TurnRow,
} from "./read-statements.ts";

/** Chunks a page of the log; with what a chunk holds at most, a page stays within some megabytes. */
const PAGE = 16;

export async function getRow(db: Database, caller: Caller, turnId: string): Promise<TurnRow | undefined> {
  const [row] = await db.query<TurnRow>(caller, GET_TURN, [turnId]);
  return row;
}

/** The turn as its row and, while it runs, its log say. */
export async function turnOf(db: Database, caller: Caller, row: TurnRow): Promise<Turn> {
  if (row.digest) return decodeTurn(row.digest, row.answer ?? "");
  return folded(
    row,
    await wholeLog(row, (after) => db.query<ChunkRow>(caller, READ_EVENTS, [row.id, after, PAGE])),
  );
}

type LogOwner = Pick<TurnRow, "id" | "conversation_id" | "epoch" | "trace_id" | "accepted">;

/** As `turnOf` for a running turn, inside a transaction of the service's own; says too whether all of its log could be read. */
export async function foldRunning(query: Query, row: LogOwner): Promise<{ turn: Turn; whole: boolean }> {
  const log = await wholeLog(row, (after) => query<ChunkRow>(READ_EVENTS, [row.id, after, PAGE]));
  return { turn: folded(row, log), whole: log.whole };
}

function folded(row: LogOwner, { events, lastSequence }: ReadLog): Turn {
  const ids = { turnId: row.id, conversationId: row.conversation_id, createTime: row.accepted };
  const known = foldTurn(events) ?? acceptedTurn({ ...ids, epoch: row.epoch, traceId: row.trace_id });
  return { ...known, lastSequence };
}

/** All that the log holds of a turn. Throws when some of it cannot be read. */
export async function readLog(db: Database, caller: Caller, row: LogOwner): Promise<TurnEvent[]> {
  const log = await wholeLog(row, (after) => db.query<ChunkRow>(caller, READ_EVENTS, [row.id, after, PAGE]));
  if (!log.whole) throw new Error(`the log of turn ${row.id} cannot be read`);
  return log.events;
}

type ReadPage = (after: number) => Promise<ChunkRow[]>;

/** `lastSequence` is that of the last chunk, which may be one that cannot be read; `whole` says that all could. */
type ReadLog = { events: TurnEvent[]; lastSequence: number; whole: boolean };

async function wholeLog(row: LogOwner, read: ReadPage): Promise<ReadLog> {
  const log: ReadLog = { events: [], lastSequence: 0, whole: true };
  for (;;) {
    const chunks = await read(log.lastSequence);
    const last = chunks.at(-1);
    if (!last) return log;
    for (const chunk of chunks) {
      const events = readChunk(row, chunk);
      if (events) log.events.push(...events);
      else log.whole = false;
    }
    log.lastSequence = last.last_seq;
  }
}

/** One page of the log after a sequence, as the caller's tenant sees it, up to a chunk that cannot be read: undefined where that is the first. */
export async function readEvents(
  db: Database,
  caller: Caller,
  row: LogOwner,
  after: number,
): Promise<TurnEvent[] | undefined> {
  const chunks = await db.query<ChunkRow>(caller, READ_EVENTS, [row.id, after, PAGE]);
  const page = chunks.map((chunk) => readChunk(row, chunk));
  const unread = page.indexOf(undefined);
  if (unread === 0) return undefined;
  const read = unread < 0 ? page : page.slice(0, unread);
  return read.flatMap((events) => events ?? []).filter(({ sequence }) => sequence > after);
}

/** Undefined for bytes that are no events: a fault of the store or of a version of this program, and no reason to stop at. */
function readChunk(row: LogOwner, { first_seq, epoch, data }: ChunkRow): TurnEvent[] | undefined {
  try {
    return decodeEvents(data, { turnId: row.id, traceId: row.trace_id, epoch, firstSequence: first_seq });
  } catch {
    return undefined;
  }
}

/** Undefined where the log holds nothing of the turn. */
export async function readLastSequence(
  db: Database,
  caller: Caller,
  turnId: string,
): Promise<number | undefined> {
  const [row] = await db.query<LoggedRow>(caller, LAST_IN_LOG, [turnId]);
  return row?.last_seq;
}
