import type { Statement } from "@forerun/db/database";

/** Values: id, turn, call, tool, run, lease in ms. No row where the invocation is noted already. */
export const RESERVE: Statement = {
  name: "tools.reserve",
  text: `insert into tools.invocations (tenant_id, id, turn_id, call_id, tool, run, state, alive_until)
values (current_setting('app.tenant'), $1, $2, $3, $4, $5::uuid, 'reserved', now() + $6::int * interval '1 ms')
on conflict do nothing
returning id`,
};

/** Values: id. */
export const FIND: Statement = {
  name: "tools.find",
  text: `select run, state, outcome, alive_until < now() as silent from tools.invocations where id = $1`,
};
export type FoundRow = { run: string; state: string; outcome: string | null; silent: boolean };

/** Values: id, run, state, outcome. One that was given up as unknown may still end. */
export const SETTLE: Statement = {
  name: "tools.settle",
  text: `update tools.invocations set state = $3, outcome = $4
where id = $1 and run = $2::uuid and state in ('reserved', 'unknown')`,
};

/** Values: id. Whoever reserved it fell silent. */
export const GIVE_UP: Statement = {
  name: "tools.give_up",
  text: `update tools.invocations set state = 'unknown' where id = $1 and state = 'reserved' and alive_until < now()`,
};

/** Values: id, run. */
export const RELEASE: Statement = {
  name: "tools.release",
  text: `delete from tools.invocations where id = $1 and run = $2::uuid and state = 'reserved'`,
};

/** Values: runs, lease in ms. */
export const BEAT: Statement = {
  name: "tools.beat",
  text: `update tools.invocations set alive_until = now() + $2::int * interval '1 ms'
where run = any($1::uuid[]) and state = 'reserved'`,
};

/** Values: days. In parts, so that no statement holds up a small store. */
export const FORGET: Statement = {
  name: "tools.forget",
  text: `delete from tools.invocations where (tenant_id, id) in (
  select tenant_id, id from tools.invocations where reserved < now() - $1::int * interval '1 day' limit 500
) returning id`,
};
