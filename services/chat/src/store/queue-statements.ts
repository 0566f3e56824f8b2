/** The statements of turns that wait for others of their conversation. */
import type { Statement } from "@forerun/db/database";
import { TAKEN_COLUMNS } from "./take-statements.ts";
import { endOf, MESSAGE_COLUMNS, QUEUE_ORDER } from "./turn-statements.ts";

/**
 * Starts the turn that is next in the conversation $1, which the same transaction has locked in a statement before. Its time
 * counts from now, and its message joins the conversation, unless it has been taken out of it. No row: one runs, or none waits.
 */
export const START_NEXT: Statement = {
  name: "chat.start_next",
  text: `
with next as (
  select id, queued_text from chat.turns
  where conversation_id = $1::uuid and state = 'queued'
    and not exists (select from chat.turns where conversation_id = $1::uuid and state = 'running')
  order by ${QUEUE_ORDER} limit 1
),
t as (
  update chat.turns q
  set state = 'running', owner = $2::uuid, deadline = $3::timestamptz + (q.deadline - q.accepted), queued_text = null
  from next n where q.id = n.id
  returning q.*, n.queued_text as message
),
message as (
  insert into chat.messages (${MESSAGE_COLUMNS})
  select chat.message_id(conversation_id), tenant_id, conversation_id, 'user', message, id, $3::timestamptz
  from t where superseded is distinct from 'rollback'
)
select ${TAKEN_COLUMNS} from t`,
};

/** The turn of the conversation $1 that had to wait and that the owner $2 has started, as far as it still runs. */
export const STARTED_BY_OWNER: Statement = {
  name: "chat.started_by_owner",
  text: `
select ${TAKEN_COLUMNS} from chat.turns t
where t.conversation_id = $1::uuid and t.state = 'running' and t.owner = $2::uuid and t.queue_place is not null`,
};

export type QueueRow = { tenant_id: string; conversation_id: string };

/** Conversations, of all tenants, in which turns wait and none runs. */
export const STALLED_QUEUES: Statement = {
  name: "chat.stalled_queues",
  text: `
select distinct q.tenant_id, q.conversation_id from chat.turns q
where q.state = 'queued'
  and not exists (select from chat.turns r where r.conversation_id = q.conversation_id and r.state = 'running')
limit $1::int`,
};

/** The conversation of a turn that waits, locked before the turn is looked at: else it could start, or be ended, twice. */
export const LOCK_QUEUE_OF_TURN: Statement = {
  name: "chat.lock_queue_of_turn",
  text: `
select c.id from chat.conversations c
where c.id = (select t.conversation_id from chat.turns t where t.id = $1::uuid and t.state = 'queued')
for no key update`,
};

/** A turn that waits; no row when it does not. */
export const QUEUED_TURN: Statement = {
  name: "chat.queued_turn",
  text: `
select id, tenant_id, conversation_id, epoch, trace_id, accepted from chat.turns
where id = $1::uuid and state = 'queued'`,
};

/** Ends a turn that waits: it leaves no message. */
export const END_QUEUED_TURN: Statement = {
  name: "chat.end_queued_turn",
  text: `with ${endOf("queued")} select id as turn_id from ended`,
};
