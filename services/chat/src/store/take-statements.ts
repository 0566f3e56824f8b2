/** The statements by which a process takes turns that it did not begin. */
import type { Statement } from "@forerun/db/database";
import type { StoredJob } from "./taken-turn.ts";
import { historyOf } from "./turn-statements.ts";

/** A turn that is now this process's, under its new epoch. */
export type TakenRow = {
  id: string;
  tenant_id: string;
  conversation_id: string;
  epoch: number;
  trace_id: string;
  accepted: Date;
  deadline: Date;
  job: StoredJob | null;
  /** Its end has been asked for: by its user or, where `superseded` says so, by a newer turn. */
  cancel_requested: boolean;
  superseded: "interrupt" | "rollback" | null;
};

/** What a statement that takes a turn `t` returns. */
export const TAKEN_COLUMNS =
  "t.id, t.tenant_id, t.conversation_id, t.epoch, t.trace_id, t.accepted, t.deadline, t.job, t.cancel_requested, t.superseded";

/** The message of turn $2, which has none where it was taken out of the conversation, and what was said before it. */
export const READ_QUESTION: Statement = {
  name: "chat.read_question",
  text: `
select (
    select content from chat.messages where conversation_id = $1::uuid and turn_id = $2::uuid and role = 'user'
  ) as text,
  ${historyOf("$3", "and turn_id is distinct from $2::uuid")} as history`,
};
