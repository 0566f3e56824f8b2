import type { Database } from "@forerun/db/database";
import { sqlState, UNIQUE_VIOLATION } from "@forerun/db/sql-errors";
import type { Caller } from "@forerun/runtime/caller";
import { encodeEvent } from "../event-codec-wire.ts";
import { acceptedTurn } from "../fold-turn.ts";
import type { BeginOutcome, ConcurrencyPolicy, NewTurn } from "../ports.ts";
import type { Turn } from "../turn.ts";
import type { StoredJob } from "./taken-turn.ts";
import { titleOf } from "./title.ts";
import { ACCEPT_FIRST_TURN, ACCEPT_TURN, type AcceptRow, LOCK_CONVERSATION } from "./turn-statements.ts";

export type BeginDeps = {
  db: Database;
  /** Boot id of this process. */
  owner: string;
  /** UUIDv7: ids rise with time, and the log's partitions rely on it. */
  newId(): string;
  now(): Date;
  /** Turns that may wait in one conversation. */
  maxQueued: number;
};

/** Earlier messages that a turn is given. */
export const WINDOW = 40;

/** Accepts a turn, or says why not; nothing is stored in the latter case. */
export async function beginTurn(deps: BeginDeps, caller: Caller, input: NewTurn): Promise<BeginOutcome> {
  try {
    return await tryBegin(deps, caller, input);
  } catch (error) {
    // The same key, at the same moment, in another conversation: the second try finds it stored.
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    return tryBegin(deps, caller, input);
  }
}

async function tryBegin(deps: BeginDeps, caller: Caller, input: NewTurn): Promise<BeginOutcome> {
  const turnId = deps.newId();
  const createTime = deps.now();
  const conversationId = input.conversationId ?? deps.newId();
  const shared = [
    conversationId,
    turnId,
    input.idempotencyKey ?? null,
    input.requestHash,
    input.policy,
    deps.owner,
    input.traceId,
    createTime,
    input.deadline,
    input.text,
    titleOf(input.text),
    JSON.stringify(jobOf(caller, input)),
  ];
  const ids = { turnId, conversationId, createTime, epoch: 1 };
  const waiting = [WINDOW, deps.maxQueued, queuedEvent({ ...ids, traceId: input.traceId })];
  const row = input.conversationId
    ? await acceptInto(deps.db, caller, conversationId, [...shared, ...waiting])
    : await acceptFirst(deps.db, caller, input, [...shared, caller.subject]);
  if (row.prior_id !== null) {
    return row.prior_hash === input.requestHash
      ? { kind: "replayed", turnId: row.prior_id }
      : { kind: "key_reused" };
  }
  if (!row.known) return { kind: "no_conversation" };
  switch (row.state) {
    case "busy":
      return { kind: "busy", turnId: row.busy_id ?? "" };
    case "full":
      return { kind: "queue_full", limit: deps.maxQueued };
    case "queued":
      return { kind: "queued", turnId, ends: endedBy(input.policy, row.running_id) };
    case "running": {
      const lease = { ...ids, tenant: caller.tenant, deadline: input.deadline };
      return { kind: "begun", lease, history: input.conversationId ? row.history : [...input.past] };
    }
    default:
      return row.state satisfies never;
  }
}

function endedBy(policy: ConcurrencyPolicy, running: string | null) {
  if (running === null || (policy !== "interrupt" && policy !== "rollback")) return undefined;
  return { turnId: running, reason: policy };
}

/** What a reader of a turn sees while it waits. */
function queuedEvent(ids: Parameters<typeof acceptedTurn>[0]): Uint8Array {
  const { turnId, epoch, createTime, traceId } = ids;
  const turn: Turn = { ...acceptedTurn(ids), state: "queued" };
  const place = { turnId, epoch, createTime, traceId, sequence: 1, stepId: "" };
  return encodeEvent({ ...place, body: { kind: "turnCreated", turn } });
}

function jobOf({ tenant: _, ...asker }: Caller, { terms }: NewTurn): StoredJob {
  return { caller: asker, terms };
}

async function acceptInto(
  db: Database,
  caller: Caller,
  conversationId: string,
  values: readonly unknown[],
): Promise<AcceptRow> {
  return db.tx(
    caller,
    async (query) => {
      // Both travel together; the second sees what the holder of the lock has committed.
      const locked = query(LOCK_CONVERSATION, [conversationId]);
      const accepted = query<AcceptRow>(ACCEPT_TURN, values);
      const [, rows] = await Promise.all([locked, accepted]);
      return only(rows);
    },
    { priority: true },
  );
}

async function acceptFirst(
  db: Database,
  caller: Caller,
  { past }: NewTurn,
  values: readonly unknown[],
): Promise<AcceptRow> {
  const roles = past.map(({ role }) => role);
  const contents = past.map(({ content }) => content);
  return only(
    await db.query<AcceptRow>(caller, ACCEPT_FIRST_TURN, [...values, roles, contents], { priority: true }),
  );
}

function only(rows: readonly AcceptRow[]): AcceptRow {
  const [row] = rows;
  if (!row) throw new Error("accepting a turn gave no row");
  return row;
}
