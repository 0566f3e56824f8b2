/** The statements by which replicas know of each other and take over what a dead one has left. Time is the store's own. */
import type { Statement } from "@forerun/db/database";
import { TAKEN_COLUMNS } from "./take-statements.ts";

/** This process lives for another $2 milliseconds; it sweeps from then on, unless it has lived without a gap until now. */
export const BEAT: Statement = {
  name: "chat.beat",
  text: `
insert into chat.replicas as r (id, expires, sweeps_from)
select $1::uuid, until, until from (select now() + $2::int * interval '1 millisecond' as until) lease
on conflict (id) do update set expires = excluded.expires,
  sweeps_from = case when r.expires < now() then excluded.sweeps_from else r.sweeps_from end`,
};

export const LEAVE: Statement = {
  name: "chat.leave",
  text: `delete from chat.replicas where id = $1::uuid`,
};

/** Rows of replicas that are long gone; those whose turns nobody has taken yet stay dead without one. */
export const FORGET_REPLICAS: Statement = {
  name: "chat.forget_replicas",
  text: `delete from chat.replicas where expires < now() - interval '1 day'`,
};

export type OthersRow = { others: number };

export const LIVE_OTHERS: Statement = {
  name: "chat.live_others",
  text: `select count(*)::int as others from chat.replicas where id <> $1::uuid and expires > now()`,
};

export type HeldTurnRow = { turn_id: string; epoch: number };

const OWNER_LIVES = `exists (select from chat.replicas r where r.id = t.owner and r.expires > now())`;
/** A waiting turn has no owner and is not missed. */
const DEAD = `t.state = 'running' and not t.waiting and t.owner is distinct from $1::uuid and not ${OWNER_LIVES}`;

/** Judged by the statement that takes turns: one that waited for the store to come back must not find everybody dead. */
const MAY_SWEEP = `exists (select from chat.replicas me where me.id = $1::uuid and me.expires > now() and me.sweeps_from <= now())`;

/** Running turns that no live replica drives and that are not $1's. */
export const TURNS_OF_DEAD: Statement = {
  name: "chat.turns_of_dead",
  text: `select t.id as turn_id, t.epoch from chat.turns t where ${DEAD} order by t.id limit $2::int`,
};

/** Makes $1 the owner of at most $3 turns of dead ones, where there is time left and fewer than $2 epochs have tried. */
export const ADOPT: Statement = {
  name: "chat.adopt",
  text: `
with dead as (
  select t.id from chat.turns t
  where ${MAY_SWEEP} and ${DEAD} and t.deadline > now() and t.epoch < $2::int and t.job is not null
  order by t.id limit $3::int
  for no key update of t skip locked
)
update chat.turns t set owner = $1::uuid, epoch = t.epoch + 1 from dead where t.id = dead.id
returning ${TAKEN_COLUMNS}`,
};

/** `mine`: to be cancelled, or, where it is overdue, left by its driver; the others are dead ones' that nobody may adopt. */
export type TendRow = HeldTurnRow & {
  mine: boolean;
  overdue: boolean;
  superseded: "interrupt" | "rollback" | null;
};

/** What $1 has to look after besides driving its turns. */
export const TEND: Statement = {
  name: "chat.tend",
  text: `
select t.id as turn_id, t.epoch, true as mine, t.deadline < now() - interval '3 seconds' as overdue, t.superseded
from chat.turns t
where t.state = 'running' and t.owner = $1::uuid and (t.cancel_requested or t.deadline < now() - interval '3 seconds')
union all
(
  select t.id, t.epoch, false, true, null from chat.turns t
  where ${MAY_SWEEP} and ${DEAD} and (t.deadline <= now() or t.epoch >= $2::int or t.job is null) limit $3::int
)`,
};

/** The turns that $1 owns. */
export const HELD_TURNS: Statement = {
  name: "chat.held_turns",
  text: `select t.id as turn_id, t.epoch from chat.turns t where t.state = 'running' and t.owner = $1::uuid`,
};
