import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import type { TakenTurn } from "../ports.ts";
import { progressOf } from "../turn-progress.ts";
import type { TurnTerms } from "../turn-terms.ts";
import { WINDOW } from "./begin-turn.ts";
import { readLog } from "./read-turn.ts";
import { READ_QUESTION, type TakenRow } from "./take-statements.ts";

/** What is kept of a turn's request besides its words, as JSON. */
export type StoredJob = { caller: Omit<Caller, "tenant">; terms: TurnTerms };

type QuestionRow = { text: string | null; history: TakenTurn["history"] };

/** Reads the rest of a turn that this process has taken: nobody else writes it any more. */
export async function loadTaken(db: Database, row: TakenRow): Promise<TakenTurn> {
  if (!row.job) throw new Error(`turn ${row.id} was begun by a version that does not say how to do it again`);
  const { terms, caller: asker } = row.job;
  const caller: Caller = { tenant: row.tenant_id, ...asker };
  const lease = {
    tenant: row.tenant_id,
    turnId: row.id,
    conversationId: row.conversation_id,
    epoch: row.epoch,
    createTime: row.accepted,
    deadline: row.deadline,
  };
  const question = db.query<QuestionRow>(caller, READ_QUESTION, [row.conversation_id, row.id, WINDOW]);
  const [[asked], events] = await Promise.all([question, readLog(db, caller, row)]);
  // A turn that is to end as it begins needs no words.
  const stop = row.superseded ?? (row.cancel_requested ? "user" : undefined);
  const text = asked?.text ?? (stop && "");
  if (!asked || text === undefined) throw new Error(`turn ${row.id} has no message`);
  const progress = progressOf({ ...lease, traceId: row.trace_id }, events);
  return { lease, caller, terms, text, history: asked.history, progress, stop };
}
