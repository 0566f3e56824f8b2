/** The statements of a turn's life, named so that a connection parses each of them once. */
import type { Statement } from "@forerun/db/database";

/** Lock order everywhere: the conversation, then its turns. Not "for update": that deadlocks with the foreign key of an insert. */
export const LOCK_CONVERSATION: Statement = {
  name: "chat.lock_conversation",
  text: `select id from chat.conversations where id = $1::uuid for no key update`,
};

const TURN_COLUMNS =
  "id, tenant_id, conversation_id, idem_key, request_hash, policy, state, epoch, owner, trace_id, accepted, deadline, job";
const MESSAGE_COLUMNS = "id, tenant_id, conversation_id, role, content, turn_id, created";

/** What accepting looks at and does once `admitted` (id, tenant_id of the conversation) holds a row. */
const ACCEPT = `
turn as (
  insert into chat.turns (${TURN_COLUMNS})
  select $2::uuid, tenant_id, id, $3::text, $4::text, $5::text, 'running', 1, $6::uuid, $7::text, $8::timestamptz, $9::timestamptz,
    $13::json
  from admitted returning id
),
message as (
  insert into chat.messages (${MESSAGE_COLUMNS})
  select $10::uuid, tenant_id, id, 'user', $11::text, $2::uuid, $8::timestamptz from admitted
)`;

const PRIOR = `prior as (select id, request_hash from chat.turns where idem_key = $3::text)`;

export type AcceptRow = {
  known: boolean;
  prior_id: string | null;
  prior_hash: string | null;
  busy_id: string | null;
  turn_id: string | null;
  history: { role: "user" | "assistant"; content: string }[];
};

/** Accepts a turn in an existing conversation, which the same transaction has locked in a statement before. */
export const ACCEPT_TURN: Statement = {
  name: "chat.accept_turn",
  text: `
with known as (select id, tenant_id from chat.conversations where id = $1::uuid),
${PRIOR},
busy as (select id from chat.turns where conversation_id = $1::uuid and state = 'running'),
admitted as (
  select id, tenant_id from known where not exists (select from prior) and not exists (select from busy)
),
${ACCEPT},
touched as (
  update chat.conversations c
  set updated = $8::timestamptz, title = case when c.title = '' then $12::text else c.title end
  from admitted a where c.id = a.id
)
select exists (select from known) as known, (select id from prior) as prior_id,
  (select request_hash from prior) as prior_hash, (select id from busy) as busy_id, (select id from turn) as turn_id,
  coalesce((
    select json_agg(json_build_object('role', role, 'content', content) order by id)
    from (
      select id, role, content from chat.messages where conversation_id = $1::uuid order by id desc limit $14::int
    ) last_messages
  ), '[]') as history`,
};

/** Accepts a turn together with its new conversation and the messages that come before it. */
export const ACCEPT_FIRST_TURN: Statement = {
  name: "chat.accept_first_turn",
  text: `
with ${PRIOR},
admitted as (
  insert into chat.conversations (id, tenant_id, subject, title, created, updated)
  select $1::uuid, current_setting('app.tenant'), $14::text, $12::text, $8::timestamptz, $8::timestamptz
  where not exists (select from prior)
  returning id, tenant_id
),
${ACCEPT},
past as (
  insert into chat.messages (${MESSAGE_COLUMNS})
  select p.id, a.tenant_id, a.id, p.role, p.content, null, $8::timestamptz
  from admitted a, unnest($15::uuid[], $16::text[], $17::text[]) as p(id, role, content)
)
select true as known, (select id from prior) as prior_id, (select request_hash from prior) as prior_hash,
  null as busy_id, (select id from turn) as turn_id, '[]'::json as history`,
};

export type TurnIdRow = { turn_id: string };

/** Group append: chunks of many turns in one statement. A turn that is not in the result is fenced. */
export const APPEND: Statement = {
  name: "chat.append",
  text: `
insert into chat.turn_events (turn_id, first_seq, last_seq, epoch, tenant_id, data)
select x.id, x.first_seq, x.last_seq, x.epoch, t.tenant_id, x.data
from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::bytea[]) as x(id, first_seq, last_seq, epoch, data)
join chat.turns t on t.id = x.id and t.epoch = x.epoch and t.state = 'running'
for share of t
returning turn_id`,
};

export type LastSequenceRow = { turn_id: string; last_seq: number };

/** Where the log of some turns stands in the epochs given, for an append whose outcome is not known. */
export const LAST_SEQUENCES: Statement = {
  name: "chat.last_sequences",
  text: `
select e.turn_id, max(e.last_seq) as last_seq
from unnest($1::uuid[], $2::int[]) as x(id, epoch)
join chat.turn_events e on e.turn_id = x.id and e.epoch = x.epoch
group by e.turn_id`,
};

const END_TURN = `
ended as (
  update chat.turns
  set state = $3::text, finished = $4::timestamptz, last_seq = $5::int, digest = $6::bytea, answer = $7::text,
    owner = null, job = null
  where id = $1::uuid and epoch = $2::int and state = 'running'
  returning id, tenant_id, conversation_id
),
chunk as (
  insert into chat.turn_events (turn_id, first_seq, last_seq, epoch, tenant_id, data)
  select id, $8::int, $5::int, $2::int, tenant_id, $9::bytea from ended
)`;

/** Ends a turn with its last chunk and, where $10 names one, its assistant message. No row: fenced. */
export const FINISH_TURN: Statement = {
  name: "chat.finish_turn",
  text: `
with ${END_TURN},
message as (
  insert into chat.messages (${MESSAGE_COLUMNS})
  select $10::uuid, tenant_id, conversation_id, 'assistant', $7::text, id, $4::timestamptz
  from ended where $10::uuid is not null
),
touched as (
  update chat.conversations c set updated = $4::timestamptz from ended e where c.id = e.conversation_id
)
select id as turn_id from ended`,
};

/** Ends a turn for its owner that is gone or cannot: no message, and the conversation is left as it is. */
export const ABANDON_TURN: Statement = {
  name: "chat.abandon_turn",
  text: `with ${END_TURN} select id as turn_id from ended`,
};

export type LockedTurnRow = {
  id: string;
  tenant_id: string;
  conversation_id: string;
  epoch: number;
  trace_id: string;
  accepted: Date;
};

/** A running turn, locked against its owner's last append; no row when it has ended or is another epoch's. */
export const LOCK_RUNNING_TURN: Statement = {
  name: "chat.lock_running_turn",
  text: `
select id, tenant_id, conversation_id, epoch, trace_id, accepted from chat.turns
where id = $1::uuid and epoch = $2::int and state = 'running' for no key update`,
};

export const MAKE_PARTITIONS: Statement = {
  name: "chat.make_partitions",
  text: `select chat.make_event_partitions($1::date, $2::int)`,
};
