/** The statements of a turn's life, named so that a connection parses each of them once. */
import type { Statement } from "@forerun/db/database";

/** Lock order everywhere: the conversation, then its turns. Not "for update": that deadlocks with the foreign key of an insert. */
export const LOCK_CONVERSATION: Statement = {
  name: "chat.lock_conversation",
  text: `select id from chat.conversations where id = $1::uuid for no key update`,
};

const TURN_COLUMNS =
  "id, tenant_id, conversation_id, idem_key, request_hash, policy, state, epoch, owner, trace_id, accepted, deadline, job";
export const MESSAGE_COLUMNS = "id, tenant_id, conversation_id, role, content, turn_id, created";

/** What accepting does once `admitted` (id, tenant_id of the conversation, state of the turn) holds a row. */
const ACCEPT = `
turn as (
  insert into chat.turns (${TURN_COLUMNS}, queued_text, queue_place)
  select $2::uuid, tenant_id, id, $3::text, $4::text, $5::text, state, 1, case when state = 'running' then $6::uuid end, $7::text,
    $8::timestamptz, $9::timestamptz, $12::json, case when state = 'queued' then $10::text end, queue_place
  from admitted returning id
),
message as (
  insert into chat.messages (${MESSAGE_COLUMNS})
  select chat.message_id(id), tenant_id, id, 'user', $10::text, $2::uuid, $8::timestamptz from admitted where state = 'running'
)`;

const PRIOR = `prior as (select id, request_hash from chat.turns where idem_key = $3::text)`;

export type AcceptRow = {
  known: boolean;
  prior_id: string | null;
  prior_hash: string | null;
  /** Where the turn stands, or why it was not accepted; nothing is accepted where a prior one is found or none is known. */
  state: "running" | "queued" | "busy" | "full";
  running_id: string | null;
  /** The running turn or, where none runs, the next one. */
  busy_id: string | null;
  history: { role: "user" | "assistant"; content: string }[];
};

/** The last messages of the conversation $1 as JSON, oldest first. `limit` names a parameter; `where` narrows them. */
export function historyOf(limit: string, where = ""): string {
  return `coalesce((
    select json_agg(json_build_object('role', role, 'content', content) order by id)
    from (
      select id, role, content from chat.messages
      where conversation_id = $1::uuid ${where} order by id desc limit ${limit}::int
    ) last_messages
  ), '[]')`;
}

/** Order of the turns that wait: those that end the running one go before all others. */
export const QUEUE_ORDER = "(policy in ('interrupt', 'rollback')) desc, queue_place";

/**
 * Accepts a turn in an existing conversation, which the same transaction has locked in a statement before: runs it, or lets it
 * wait behind its first event ($15). Where its policy says so, the turn that runs and those that wait to end it are to be ended;
 * under ROLLBACK their messages leave the conversation at once.
 */
export const ACCEPT_TURN: Statement = {
  name: "chat.accept_turn",
  text: `
with known as (select id, tenant_id from chat.conversations where id = $1::uuid),
${PRIOR},
running as (select id from chat.turns where conversation_id = $1::uuid and state = 'running'),
waiting as (select id, policy, queue_place from chat.turns where conversation_id = $1::uuid and state = 'queued'),
place as (
  select case
    when not exists (select from running) and not exists (select from waiting) then 'running'
    when $5::text = 'reject' then 'busy'
    when (select count(*) from waiting) >= $14::int then 'full'
    else 'queued'
  end as state
),
admitted as (
  select k.id, k.tenant_id, p.state,
    case when p.state = 'queued' then 1 + coalesce((select max(queue_place) from waiting), 0) end as queue_place
  from known k, place p where p.state in ('running', 'queued') and not exists (select from prior)
),
${ACCEPT},
created as (
  insert into chat.turn_events (turn_id, first_seq, last_seq, epoch, tenant_id, data)
  select $2::uuid, 1, 1, 1, tenant_id, $15::bytea from admitted where state = 'queued'
),
superseded as (
  update chat.turns t
  set cancel_requested = true, superseded = case when t.superseded = 'rollback' then t.superseded else $5::text end
  from admitted a
  where t.conversation_id = a.id and a.state = 'queued' and $5::text in ('interrupt', 'rollback')
    and (t.state = 'running' or t.state = 'queued' and t.policy in ('interrupt', 'rollback'))
  returning t.id, t.superseded
),
taken_out as (
  delete from chat.messages m using superseded s
  where m.conversation_id = $1::uuid and m.turn_id = s.id and s.superseded = 'rollback'
),
touched as (
  update chat.conversations c
  set updated = $8::timestamptz, title = case when c.title = '' then $11::text else c.title end
  from admitted a where c.id = a.id
)
select exists (select from known) as known, (select id from prior) as prior_id,
  (select request_hash from prior) as prior_hash, (select state from place) as state, (select id from running) as running_id,
  coalesce((select id from running), (select id from waiting order by ${QUEUE_ORDER} limit 1)) as busy_id,
  ${historyOf("$13")} as history`,
};

/** Accepts a turn together with its new conversation and the messages that come before it. */
export const ACCEPT_FIRST_TURN: Statement = {
  name: "chat.accept_first_turn",
  text: `
with ${PRIOR},
admitted as (
  insert into chat.conversations (id, tenant_id, subject, title, created, updated)
  select $1::uuid, current_setting('app.tenant'), $13::text, $11::text, $8::timestamptz, $8::timestamptz
  where not exists (select from prior)
  returning id, tenant_id, 'running' as state, null::int as queue_place
),
${ACCEPT},
past as (
  insert into chat.messages (${MESSAGE_COLUMNS})
  select chat.message_id(a.id, cardinality($14::text[]) + 1 - p.place::int), a.tenant_id, a.id, p.role, p.content, null, $8::timestamptz
  from admitted a, unnest($14::text[], $15::text[]) with ordinality as p(role, content, place)
)
select true as known, (select id from prior) as prior_id, (select request_hash from prior) as prior_hash,
  'running' as state, null as running_id, null as busy_id, '[]'::json as history`,
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

/** Notes what the ended turn has used: `rows` names the parameter that holds it as JSON. Its job, which says who asked, is that from before. */
const usageIn = (rows: string) => `
used as (
  insert into chat.usage (turn_id, kind, name, tenant_id, subject, calls, input_tokens, output_tokens, cost_micros)
  select e.id, u.kind, u.name, e.tenant_id, coalesce(t.job #>> '{caller,subject}', ''), u.calls, u.input, u.output, u.cost
  from ended e
  join chat.turns t on t.id = e.id
  cross join json_to_recordset(${rows}::json) as u(kind text, name text, calls int, input bigint, output bigint, cost bigint)
)`;

/** Ends the turn $1 where it stands, at the epoch $2 and in the state given. */
export const endOf = (state: "running" | "queued") => `
ended as (
  update chat.turns
  set state = $3::text, finished = $4::timestamptz, last_seq = $5::int, digest = $6::bytea, answer = $7::text,
    owner = null, job = null${state === "queued" ? ", queued_text = null" : ""}
  where id = $1::uuid and epoch = $2::int and state = '${state}'
  returning id, tenant_id, conversation_id, superseded
),
chunk as (
  insert into chat.turn_events (turn_id, first_seq, last_seq, epoch, tenant_id, data)
  select id, $8::int, $5::int, $2::int, tenant_id, $9::bytea from ended
)`;

export type FinishRow = TurnIdRow & { waiting: boolean };

/**
 * Ends a turn with its last chunk and, where it has words that count ($10), its assistant message: that of an answer, and what a
 * turn had said that a newer one interrupted. A turn that was taken out of the conversation leaves none. No row: fenced. `waiting`: another
 * turn of the conversation is to start.
 */
export const FINISH_TURN: Statement = {
  name: "chat.finish_turn",
  text: `
with ${endOf("running")},
${usageIn("$11")},
message as (
  insert into chat.messages (${MESSAGE_COLUMNS})
  select chat.message_id(conversation_id), tenant_id, conversation_id, 'assistant', $7::text, id, $4::timestamptz
  from ended
  where $10::boolean and superseded is distinct from 'rollback'
    and (superseded = 'interrupt' or $3::text in ('completed', 'incomplete'))
),
touched as (
  update chat.conversations c set updated = $4::timestamptz from ended e where c.id = e.conversation_id
)
select e.id as turn_id, exists (
  select from chat.turns q where q.conversation_id = e.conversation_id and q.state = 'queued'
) as waiting
from ended e`,
};

/** Ends a turn for its owner that is gone or cannot: no message, and the conversation is left as it is. */
export const ABANDON_TURN: Statement = {
  name: "chat.abandon_turn",
  text: `with ${endOf("running")}, ${usageIn("$10")} select id as turn_id from ended`,
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

export type DroppedRow = { dropped: number };

/** Drops the events of days before $1, except for days of which a turn is still open. */
export const DROP_PARTITIONS: Statement = {
  name: "chat.drop_partitions",
  text: `select chat.drop_event_partitions($1::date) as dropped`,
};
