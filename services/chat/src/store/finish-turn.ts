import { mayPass } from "@forerun/db/sql-errors";
import type { Logger } from "@forerun/runtime/logger";
import type { AppendOutcome } from "../ports.ts";
import type { Turn } from "../turn.ts";
import { encodeTurn } from "../turn-codec-wire.ts";
import { Backoff } from "./backoff.ts";
import type { Chunk, LiveTurn } from "./live-turn.ts";
import { STARTED_BY_OWNER } from "./queue-statements.ts";
import { GET_TURN, type TurnRow } from "./read-statements.ts";
import { serviceCaller } from "./service-caller.ts";
import { type StartDeps, startNext } from "./start-next.ts";
import type { TakenRow } from "./take-statements.ts";
import { terminalEvent } from "./terminal-event.ts";
import { FINISH_TURN, type FinishRow, LOCK_CONVERSATION } from "./turn-statements.ts";
import { usageValue } from "./usage-value.ts";

export type FinishDeps = StartDeps & {
  log: Logger;
  /** A turn that waited for this one, and is now this process's. Not told where the process may not start any. */
  onStarted: ((row: TakenRow) => void) | undefined;
};

/**
 * Writes the terminal event of a turn whose last place is `turn.lastSequence`, and starts the turn that waits behind it; tries
 * again until the store has answered. Throws when no try can succeed, and when the signal aborts.
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
      const ended = first ? await end(deps, live, turn, chunk) : await endAgain(deps, live, turn, chunk);
      if (ended.kind === "fenced") live.close();
      else live.landed();
      if (ended.next) deps.onStarted?.(ended.next);
      return await terminal;
    } catch (error) {
      if (!mayPass(error)) throw error;
      const ids = { turn_id: turn.turnId, trace_id: turn.traceId || undefined };
      deps.log.warn({ ...ids, err: error }, "a turn's end could not be stored yet");
      await backoff.wait(signal);
    }
  }
}

/** `next` is the turn that was started behind this one. */
type Ended = { kind: "ended" | "fenced"; next?: TakenRow | undefined };

async function end(deps: FinishDeps, live: LiveTurn, turn: Turn, chunk: Chunk): Promise<Ended> {
  const { conversationId, tenant } = live.lease;
  // The statement decides whether these words become a message.
  const said = turn.text !== "" && turn.state !== "failed";
  const values = [...endValues(turn, chunk), said, usageValue(turn)];
  return deps.db.tx(
    serviceCaller(tenant),
    async (query): Promise<Ended> => {
      // The lock comes in a statement before the end: what was enqueued while the lock was waited for is then seen.
      const locked = query(LOCK_CONVERSATION, [conversationId]);
      const ending = query<FinishRow>(FINISH_TURN, values);
      const [ended] = (await Promise.all([ending, locked]))[0];
      if (!ended) return { kind: "fenced" };
      const next = ended.waiting && deps.onStarted && (await startNext(query, deps, conversationId));
      return { kind: "ended", next: next || undefined };
    },
    { priority: true },
  );
}

/** An earlier try may have got through: only this epoch's owner writes this end, and it may have started the next turn too. */
async function endAgain(deps: FinishDeps, live: LiveTurn, turn: Turn, chunk: Chunk): Promise<Ended> {
  const { conversationId, tenant } = live.lease;
  const caller = serviceCaller(tenant);
  const [row] = await deps.db.query<TurnRow>(caller, GET_TURN, [turn.turnId], { priority: true });
  const ended = row?.finished != null && row.epoch === turn.epoch && row.last_seq === turn.lastSequence;
  if (!ended) return end(deps, live, turn, chunk);
  const [started] = await deps.db.query<TakenRow>(caller, STARTED_BY_OWNER, [conversationId, deps.owner]);
  return { kind: "ended", next: started };
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
