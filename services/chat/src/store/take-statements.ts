/** The statements by which a process takes turns that it did not begin. */
import type { Statement } from "@forerun/db/database";
import type { StoredJob } from "./taken-turn.ts";

/** A turn that is now this process's, under its new epoch. */
export type TakenRow = {
  id: string;
  tenant_id: string;
  conversation_id: string;
  epoch: number;
  trace_id: string;
  accepted: Date;
  deadline: Date;
  cancel_requested: boolean;
  job: StoredJob | null;
};

/** What a statement that takes a turn `t` returns. */
export const TAKEN_COLUMNS =
  "t.id, t.tenant_id, t.conversation_id, t.epoch, t.trace_id, t.accepted, t.deadline, t.cancel_requested, t.job";

/** The message of turn $2 and what was said before it; what waits in the queue behind it is not said yet. */
export const READ_QUESTION: Statement = {
  name: "chat.read_question",
  text: `
select (
    select content from chat.messages where conversation_id = $1::uuid and turn_id = $2::uuid and role = 'user'
  ) as text,
  coalesce((
    select json_agg(json_build_object('role', role, 'content', content) order by id)
    from (
      select m.id, m.role, m.content from chat.messages m
      where m.conversation_id = $1::uuid and m.turn_id is distinct from $2::uuid
        and not exists (select from chat.turns q where q.id = m.turn_id and q.state = 'queued')
      order by m.id desc limit $3::int
    ) last_messages
  ), '[]') as history`,
};
