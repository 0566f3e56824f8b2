import type { Database } from "@forerun/db/database";
import type { CallEnd } from "../tool-call.ts";
import type { Invocation, Invocations, Reservation } from "./invocation.ts";
import { LOG_ROLE } from "./migrations.ts";
import { BEAT, FIND, FORGET, type FoundRow, GIVE_UP, RELEASE, RESERVE, SETTLE } from "./statements.ts";
import { readEnd, storedEnd } from "./stored-end.ts";

/** Longest statement about an invocation, in milliseconds: a caller waits for it. */
const STATEMENT_MS = 3_000;
const PRIORITY = { priority: true, timeoutMs: STATEMENT_MS };

/** The record on SQL. `leaseMs`: how long a run that is not heard of counts as alive. */
export function invocationStore(db: Database, leaseMs: number): Invocations {
  return {
    leaseMs,
    reserve: (caller, invocation) =>
      db.tx(
        caller,
        async (query): Promise<Reservation> => {
          const { id, of, tool, run } = invocation;
          const noted = await query(RESERVE, [id, of.turnId, of.callId, tool, run, leaseMs]);
          if (noted.length > 0) return { kind: "ours" };
          const [row] = await query<FoundRow>(FIND, [id]);
          const reservation = reservationOf(row, invocation);
          if (reservation.kind === "unknown") await query(GIVE_UP, [id]);
          return reservation;
        },
        PRIORITY,
      ),
    async settle(caller, { id, run }, end) {
      await db.query(caller, SETTLE, [id, run, stateOf(end), storedEnd(end)], PRIORITY);
    },
    async release(caller, { id, run }) {
      await db.query(caller, RELEASE, [id, run], PRIORITY);
    },
    async beat(runs) {
      await db.systemQuery(LOG_ROLE, BEAT, [runs, leaseMs], PRIORITY);
    },
  };
}

/** Removes invocations that began more than so many days ago; resolves with their number. */
export async function forgetInvocations(db: Database, days: number): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const { length } = await db.systemQuery(LOG_ROLE, FORGET, [days]);
    if (length === 0) return forgotten;
    forgotten += length;
  }
}

function reservationOf(row: FoundRow | undefined, { run }: Invocation): Reservation {
  // It was released between the two statements: the next look reserves it.
  if (row === undefined) return { kind: "running" };
  if (row.state === "done" || row.state === "failed") return { kind: "ended", end: readEnd(row.outcome) };
  if (row.state === "unknown") return { kind: "unknown" };
  // The answer to an earlier look of this run got lost.
  if (row.run === run) return { kind: "ours" };
  return { kind: row.silent ? "unknown" : "running" };
}

function stateOf(end: CallEnd): "done" | "failed" | "unknown" {
  if (end.kind === "result") return "done";
  return end.code === "outcome_unknown" ? "unknown" : "failed";
}
