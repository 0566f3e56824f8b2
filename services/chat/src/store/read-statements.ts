/** The statements that read turns and work on conversations. Row-level security keeps each to the caller's tenant. */
import type { Statement } from "@forerun/db/database";

export type TurnRow = {
  id: string;
  conversation_id: string;
  state: "queued" | "running" | "completed" | "incomplete" | "failed" | "cancelled";
  waiting: boolean;
  epoch: number;
  trace_id: string;
  accepted: Date;
  finished: Date | null;
  last_seq: number | null;
  digest: Buffer | null;
  answer: string | null;
};

const TURN_COLUMNS =
  "t.id, t.conversation_id, t.state, t.waiting, t.epoch, t.trace_id, t.accepted, t.finished, t.last_seq, t.digest, t.answer";

export const GET_TURN: Statement = {
  name: "chat.get_turn",
  text: `select ${TURN_COLUMNS} from chat.turns t where t.id = $1::uuid`,
};

export type KeyRow = { id: string; request_hash: string };

export const FIND_TURN: Statement = {
  name: "chat.find_turn",
  text: "select t.id, t.request_hash from chat.turns t where t.idem_key = $1::text",
};

export const LIST_TURNS_OF_CONVERSATION: Statement = {
  name: "chat.list_turns_of_conversation",
  text: `
select ${TURN_COLUMNS} from chat.turns t
where t.conversation_id = $1::uuid and t.id < $2::uuid order by t.id desc limit $3::int`,
};

export const LIST_TURNS_OF_SUBJECT: Statement = {
  name: "chat.list_turns_of_subject",
  text: `
select ${TURN_COLUMNS} from chat.turns t join chat.conversations c on c.id = t.conversation_id
where c.subject = $1::text and t.id < $2::uuid order by t.id desc limit $3::int`,
};

export const OPEN_TURNS: Statement = {
  name: "chat.open_turns",
  text: `
select id as turn_id from chat.turns
where conversation_id = $1::uuid and state in ('queued', 'running') order by state, queue_place`,
};

/** `logged` is the last event's sequence; `reset` the first sequence of the current epoch. */
export type PositionRow = { logged: number | null; reset: number | null };

export const LOG_POSITION: Statement = {
  name: "chat.log_position",
  text: `
select max(last_seq) as logged, min(first_seq) filter (where epoch = $2::int) as reset
from chat.turn_events where turn_id = $1::uuid`,
};

export type LoggedRow = { last_seq: number };

export const LAST_IN_LOG: Statement = {
  name: "chat.last_in_log",
  text: `select last_seq from chat.turn_events where turn_id = $1::uuid order by first_seq desc limit 1`,
};

export type ChunkRow = { first_seq: number; last_seq: number; epoch: number; data: Buffer };

export const READ_EVENTS: Statement = {
  name: "chat.read_events",
  text: `
select first_seq, last_seq, epoch, data from chat.turn_events
where turn_id = $1::uuid and last_seq > $2::int order by first_seq limit $3::int`,
};

export type CancelRow = { open: boolean; owner: string | null };

/** No row: no such turn. `open`: it had not ended. */
export const REQUEST_CANCEL: Statement = {
  name: "chat.request_cancel",
  text: `
with flagged as (
  update chat.turns set cancel_requested = true where id = $1::uuid and state in ('queued', 'running') returning id
)
select exists (select from flagged) as open, owner from chat.turns where id = $1::uuid`,
};

export type ConversationRow = { id: string; title: string; created: Date; updated: Date };

export const CREATE_CONVERSATION: Statement = {
  name: "chat.create_conversation",
  text: `
insert into chat.conversations (id, tenant_id, subject, title, created, updated)
values ($1::uuid, current_setting('app.tenant'), $2::text, $3::text, $4::timestamptz, $4::timestamptz)
returning id, title, created, updated`,
};

export const GET_CONVERSATION: Statement = {
  name: "chat.get_conversation",
  text: `select id, title, created, updated from chat.conversations where id = $1::uuid`,
};

export const LIST_CONVERSATIONS: Statement = {
  name: "chat.list_conversations",
  text: `
select id, title, created, updated from chat.conversations
where subject = $1::text and (updated, id) < ($2::timestamptz, $3::uuid)
order by updated desc, id desc limit $4::int`,
};

export const RENAME_CONVERSATION: Statement = {
  name: "chat.rename_conversation",
  text: `update chat.conversations set title = $2::text where id = $1::uuid returning id, title, created, updated`,
};

/** Waits for appends under way and keeps further ones out, so that the events seen next are all there ever will be. */
export const LOCK_TURNS_OF_CONVERSATION: Statement = {
  name: "chat.lock_turns_of_conversation",
  text: `select id from chat.turns where conversation_id = $1::uuid for update`,
};

export const DELETE_EVENTS_OF_CONVERSATION: Statement = {
  name: "chat.delete_events_of_conversation",
  text: `
delete from chat.turn_events
where turn_id in (select id from chat.turns where conversation_id = $1::uuid)`,
};

export const DELETE_CONVERSATION: Statement = {
  name: "chat.delete_conversation",
  text: `delete from chat.conversations where id = $1::uuid returning id`,
};

export type MessageRow = {
  id: string;
  conversation_id: string;
  role: "user" | "assistant";
  content: string;
  turn_id: string | null;
  created: Date;
};

export const LIST_MESSAGES: Statement = {
  name: "chat.list_messages",
  text: `
select id, conversation_id, role, content, turn_id, created from chat.messages
where conversation_id = $1::uuid and id > $2::uuid order by id limit $3::int`,
};
