import type { Migration } from "@forerun/db/migrate";
import { TENANT_ROWS } from "@forerun/db/tenant-rows";
import { guard } from "@forerun/runtime/guard";

/** Role of a call's own transactions: sees the rows of one tenant. */
export const TENANT_ROLE = "tools_rw";
/** Role of beats and retention: sees all tenants, may do little. */
export const LOG_ROLE = "tools_log";

// id is a hash of tenant, turn, call, tool and arguments. run is drawn by whoever reserves: a reservation whose answer got
// lost is known by it. outcome is how the call ended, as JSON in text, which unlike jsonb holds escaped NULs.
const INVOCATIONS = `
create table invocations (
  tenant_id text not null check (tenant_id <> ''),
  id text not null,
  turn_id text not null,
  call_id text not null,
  tool text not null,
  run uuid not null,
  state text not null check (state in ('reserved', 'done', 'failed', 'unknown')),
  outcome text,
  reserved timestamptz not null default now(),
  alive_until timestamptz not null,
  primary key (tenant_id, id)
);
create index invocations_by_age on invocations (reserved);
create index invocations_begun on invocations (run) where state = 'reserved';

alter table invocations enable row level security;
create policy tenant on invocations to ${TENANT_ROLE}
  using ${guard("tools.rows.invocations", TENANT_ROWS, "(true)")};
create policy log on invocations to ${LOG_ROLE} using (true);

grant select, insert, delete, update (state, outcome) on invocations to ${TENANT_ROLE};
grant select (tenant_id, id, run, state, reserved), delete, update (alive_until) on invocations to ${LOG_ROLE};
`;

export const TOOLS_MIGRATIONS: readonly Migration[] = [{ id: "0001-invocations", sql: INVOCATIONS }];
