import type { Migration } from "@forerun/db/migrate";
import { TENANT_ROWS } from "@forerun/db/tenant-rows";
import { guard } from "@forerun/runtime/guard";

/** Role of every request's transaction: sees the rows of one tenant. */
export const TENANT_ROLE = "chat_rw";
/** Role of the log itself (append, sweep): sees all tenants, may do little. */
export const LOG_ROLE = "chat_log";

const TABLES = `
create table conversations (
  id uuid primary key,
  tenant_id text not null check (tenant_id <> ''),
  subject text not null,
  title text not null,
  created timestamptz not null,
  updated timestamptz not null
);
create index conversations_recent on conversations (tenant_id, subject, updated desc, id desc);

-- state 'running' covers the API's IN_PROGRESS and, with waiting, REQUIRES_ACTION; a waiting turn has no owner.
-- digest is the ended turn without its text, answer is that text; owner is the boot id of the replica that drives the turn.
create table turns (
  id uuid primary key,
  tenant_id text not null check (tenant_id <> ''),
  conversation_id uuid not null references conversations on delete cascade,
  idem_key text,
  request_hash text not null,
  policy text not null,
  state text not null check (state in ('queued', 'running', 'completed', 'incomplete', 'failed', 'cancelled')),
  waiting boolean not null default false,
  epoch int not null,
  owner uuid,
  cancel_requested boolean not null default false,
  last_seq int,
  digest bytea,
  answer text,
  trace_id text not null,
  accepted timestamptz not null,
  deadline timestamptz not null,
  finished timestamptz,
  observed timestamptz
);
create unique index turns_idem_key on turns (tenant_id, idem_key) where idem_key is not null;
create unique index turns_one_running on turns (conversation_id) where state = 'running';
create index turns_owner on turns (owner) where state = 'running';
create index turns_of_conversation on turns (conversation_id, id desc);
create index turns_of_tenant on turns (tenant_id, id desc);

create table messages (
  id uuid primary key,
  tenant_id text not null check (tenant_id <> ''),
  conversation_id uuid not null references conversations on delete cascade,
  role text not null check (role in ('user', 'assistant')),
  content text not null,
  turn_id uuid,
  created timestamptz not null
);
create index messages_of_conversation on messages (conversation_id, id);

-- One row a chunk of consecutive events. Ids are UUIDv7, so a range of ids is a span of time and the key needs no date.
create table turn_events (
  turn_id uuid not null,
  first_seq int not null,
  last_seq int not null check (last_seq >= first_seq),
  epoch int not null,
  tenant_id text not null check (tenant_id <> ''),
  data bytea not null,
  primary key (turn_id, first_seq)
) partition by range (turn_id);
create table turn_events_default partition of turn_events default;

create table replicas (id uuid primary key, expires timestamptz not null);
`;

const ISOLATION = `
alter table conversations enable row level security;
alter table turns enable row level security;
alter table messages enable row level security;
alter table turn_events enable row level security;

create policy tenant on conversations to ${TENANT_ROLE}
  using ${guard("chat.rows.conversations", TENANT_ROWS, "(true)")};
create policy tenant on turns to ${TENANT_ROLE}
  using ${guard("chat.rows.turns", TENANT_ROWS, "(true)")};
create policy tenant on messages to ${TENANT_ROLE}
  using ${guard("chat.rows.messages", TENANT_ROWS, "(true)")};
create policy tenant on turn_events to ${TENANT_ROLE}
  using ${guard("chat.rows.turn_events", TENANT_ROWS, "(true)")};
create policy log on turns to ${LOG_ROLE} using (true);
create policy log on turn_events to ${LOG_ROLE} using (true);

grant select, insert, update, delete on conversations to ${TENANT_ROLE};
grant select, insert, update on turns to ${TENANT_ROLE};
grant select, insert on messages to ${TENANT_ROLE};
grant select, insert, delete on turn_events to ${TENANT_ROLE};

-- "for share" in the append needs the right to update.
grant select, update (owner, epoch, state, finished, last_seq, digest, answer) on turns to ${LOG_ROLE};
grant select, insert on turn_events to ${LOG_ROLE};
grant select, insert, update, delete on replicas to ${LOG_ROLE};
`;

const PARTITIONS = `
-- Least UUIDv7 of a day: the 48 bit count of milliseconds, then zeros.
create function first_id_of(day date) returns uuid language sql immutable as $$
  select (lpad(to_hex(extract(epoch from day)::bigint * 1000), 12, '0') || repeat('0', 20))::uuid
$$;

-- Adds the partitions of the given days that are missing; runs as the tables' owner. A day that already has rows in the
-- default partition stays there. Created like the parent and then attached, so that the parent is not locked against appends.
create function make_event_partitions(first_day date, days int) returns int
language plpgsql security definer set search_path = chat, pg_temp as $$
declare
  day date;
  part text;
  made int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('chat.make_event_partitions'));
  for i in 0 .. days - 1 loop
    day := first_day + i;
    part := 'turn_events_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass(part) is not null;
    continue when exists (
      select from turn_events_default where turn_id >= first_id_of(day) and turn_id < first_id_of(day + 1)
    );
    execute format('create table %I (like turn_events including defaults including constraints including indexes)', part);
    execute format(
      'alter table turn_events attach partition %I for values from (%L) to (%L)',
      part, first_id_of(day), first_id_of(day + 1)
    );
    made := made + 1;
  end loop;
  return made;
end $$;
revoke all on function make_event_partitions from public;
grant execute on function make_event_partitions to ${LOG_ROLE};
`;

const JOBS = `
-- What another process needs to do a turn's work: who asked and how, as JSON; gone once the turn has ended.
alter table turns add column job json;
grant update (job, deadline) on turns to ${LOG_ROLE};
`;

const QUEUES = `
-- A queued turn waits for others of its conversation, and its message joins the conversation when it starts. queue_place is the
-- place in the order of arrival of a turn that had to wait; superseded says what becomes of what was said in a turn that a newer one has ended.
alter table turns add column queued_text text, add column queue_place int,
  add column superseded text check (superseded in ('interrupt', 'rollback'));
create index turns_queued on turns (conversation_id) where state = 'queued';
grant delete on messages to ${TENANT_ROLE};
`;

const RETENTION = `
-- Drops the partitions of days before the given one, and such days' rows of the default partition. Dropping takes the parent's lock:
-- rather than hold up the appends that queue behind it, it gives up soon. Days of which a turn is still open stay.
create function drop_event_partitions(first_day date) returns int
language plpgsql security definer set search_path = chat, pg_temp set lock_timeout = '500ms' as $$
declare
  part record;
  dropped int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('chat.make_event_partitions'));
  for part in
    select c.relname, to_date(right(c.relname, 8), 'YYYYMMDD') as day
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'turn_events'::regclass and c.relname ~ '^turn_events_[0-9]{8}$'
    order by c.relname
  loop
    continue when part.day >= first_day;
    continue when exists (
      select from turns
      where state in ('queued', 'running') and id >= first_id_of(part.day) and id < first_id_of(part.day + 1)
    );
    execute format('drop table %I', part.relname);
    dropped := dropped + 1;
  end loop;
  delete from turn_events_default e
  where e.turn_id < first_id_of(first_day)
    and not exists (select from turns t where t.id = e.turn_id and t.state in ('queued', 'running'));
  return dropped;
end $$;
revoke all on function drop_event_partitions from public;
grant execute on function drop_event_partitions to ${LOG_ROLE};
`;

const MESSAGE_IDS = `
-- The id of a conversation's next message, or of one so many milliseconds back: a UUIDv7 by the store's clock, and greater than those
-- of the messages before. Messages are read in the order of their ids, whatever the clocks of processes say, and are added one after
-- the other under the conversation's lock. Stable, so that it does not see what the statement that calls it adds.
create function message_id(conversation uuid, back int default 0) returns uuid language sql stable as $$
  with last as (
    select replace(id::text, '-', '') as hex from chat.messages where conversation_id = conversation order by id desc limit 1
  ),
  at as (
    select greatest(
      (extract(epoch from clock_timestamp()) * 1000000)::bigint - back::bigint * 1000,
      (select ('x' || left(hex, 12))::bit(48)::bigint * 1000 + ('x' || substr(hex, 14, 3))::bit(12)::int / 4 + 1 from last)
    ) as us
  )
  select (
    lpad(to_hex(us / 1000), 12, '0') || '7' || lpad(to_hex(us % 1000 * 4), 3, '0')
    || '8' || substr(replace(gen_random_uuid()::text, '-', ''), 18)
  )::uuid from at
$$;
`;

const PATIENCE = `
-- A replica that was away, perhaps with all others, gives them a lease's time to be heard again before it counts them as dead.
alter table replicas add column sweeps_from timestamptz not null default now();
`;

const USAGE = `
-- What each turn has used of models (with the turn's end, in one transaction) and how often it has called tools. It outlives the
-- turn's conversation: it is what quotas are held to and what is charged by.
create table usage (
  turn_id uuid not null,
  kind text not null check (kind in ('model', 'tool')),
  name text not null,
  tenant_id text not null check (tenant_id <> ''),
  subject text not null,
  at timestamptz not null default now(),
  calls int not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_micros bigint not null,
  primary key (turn_id, kind, name)
);
create index usage_of_tenant on usage (tenant_id, at);
alter table usage enable row level security;
create policy tenant on usage to ${TENANT_ROLE}
  using ${guard("chat.rows.usage", TENANT_ROWS, "(true)")};
create policy log on usage for insert to ${LOG_ROLE} with check (true);
grant select, insert on usage to ${TENANT_ROLE};
grant insert on usage to ${LOG_ROLE};
`;

export const CHAT_MIGRATIONS: readonly Migration[] = [
  { id: "0001-conversations-turns-log", sql: TABLES + ISOLATION + PARTITIONS },
  { id: "0002-jobs-of-turns", sql: JOBS },
  { id: "0003-queued-turns", sql: QUEUES },
  { id: "0004-retention-of-events", sql: RETENTION },
  { id: "0005-ids-of-messages", sql: MESSAGE_IDS },
  { id: "0006-patience-of-replicas", sql: PATIENCE },
  { id: "0007-usage", sql: USAGE },
];
