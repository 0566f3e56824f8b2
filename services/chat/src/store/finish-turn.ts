import type { Database } from "@forerun/db/database";
import { mayPass } from "@forerun/db/sql-errors";
import type { Caller } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import type { AppendOutcome } from "../ports.ts";
import type { Turn } from "../turn.ts";
import { encodeTurn } from "../turn-codec-wire.ts";
import { Backoff } from "./backoff.ts";
import type { Chunk, LiveTurn } from "./live-turn.ts";
import { GET_TURN, type TurnRow } from "./read-statements.ts";
import { terminalEvent } from "./terminal-event.ts";
import { FINISH_TURN, LOCK_CONVERSATION, type TurnIdRow } from "./turn-statements.ts";

export type FinishDeps = { db: Database; newId(): string; now(): Date; log: Logger };

/**
 * Writes the terminal event of a turn whose last place is `turn.lastSequence`; tries again until the store has answered. Throws
 * when no try can succeed, and when the signal aborts.
 */
export async function finishTurn(
  deps: FinishDeps,
  live: LiveTurn,
  turn: Turn,
  signal: AbortSignal,
): Promise<AppendOutcome> {
  const terminal = live.seal(terminalEvent(turn), turn.endTime ?? deps.now());
  await live.settled(signal);
  const chunk = live.take(true);
  if (!chunk) return terminal;
  const backoff = new Backoff();
  for (let first = true; ; first = false) {
    try {
      const ended =
        (!first && (await endedBefore(deps.db, live, turn))) || (await end(deps, live, turn, chunk));
      if (ended) live.landed();
      else live.close();
      return await terminal;
    } catch (error) {
      if (!mayPass(error)) throw error;
      deps.log.warn({ turn_id: turn.turnId, err: error }, "a turn's end could not be stored yet");
      await backoff.wait(signal);
    }
  }
}

/** False when the turn is not this epoch's any more. */
async function end(deps: FinishDeps, live: LiveTurn, turn: Turn, chunk: Chunk): Promise<boolean> {
  const answered = turn.text !== "" && (turn.state === "completed" || turn.state === "incomplete");
  const rows = await deps.db.tx(
    tenantOf(live),
    async (query) => {
      // The lock comes in a statement before the end: see LOCK_CONVERSATION.
      const locked = query(LOCK_CONVERSATION, [live.lease.conversationId]);
      const ended = query<TurnIdRow>(FINISH_TURN, [
        ...endValues(turn, chunk),
        answered ? deps.newId() : null,
      ]);
      return (await Promise.all([locked, ended]))[1];
    },
    { priority: true },
  );
  return rows.length > 0;
}

/** Postgres text holds everything but NUL; a model that writes one must not keep its turn from ending. */
function storable(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}

/** The first nine values of FINISH_TURN and ABANDON_TURN. */
export function endValues(
  turn: Turn,
  chunk: Pick<Chunk, "firstSequence" | "lastSequence" | "data">,
): unknown[] {
  return [
    turn.turnId,
    turn.epoch,
    turn.state,
    turn.endTime,
    chunk.lastSequence,
    encodeTurn(turn),
    storable(turn.text),
    chunk.firstSequence,
    chunk.data,
  ];
}

/** An earlier try may have got through: only this epoch's owner writes this end. */
async function endedBefore(db: Database, live: LiveTurn, turn: Turn): Promise<boolean> {
  const [row] = await db.query<TurnRow>(tenantOf(live), GET_TURN, [turn.turnId], { priority: true });
  return row?.finished != null && row.epoch === turn.epoch && row.last_seq === turn.lastSequence;
}

function tenantOf({ lease }: LiveTurn): Caller {
  return { tenant: lease.tenant, subject: "service-chat", roles: ["service"] };
}
