import type { Migration } from "@forerun/db/migrate";
import { TENANT_ROWS } from "@forerun/db/tenant-rows";
import { guard } from "@forerun/runtime/guard";

/**
 * A document, its chunks, and beside the chunks what search scans. The scan is over one tenant's narrow rows by a btree:
 * an inverted index (GIN) is of no use under row-level security, as its operator is not leakproof.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    id: "0001-documents",
    sql: `
      create table documents (
        document_id uuid primary key,
        tenant_id text not null,
        uri text collate "C" not null,
        media_type text not null,
        title text not null,
        text text not null,
        content_hash bytea not null,
        chunks integer not null,
        create_time timestamptz not null default now(),
        update_time timestamptz not null default now(),
        unique (tenant_id, uri)
      );

      create table chunks (
        document_id uuid not null references documents on delete cascade,
        ordinal integer not null,
        tenant_id text not null,
        start_offset integer not null,
        end_offset integer not null,
        headings text[] not null,
        text text not null,
        primary key (document_id, ordinal)
      );

      create table chunk_terms (
        document_id uuid not null references documents on delete cascade,
        ordinal integer not null,
        tenant_id text not null,
        words integer not null,
        terms tsvector not null,
        primary key (document_id, ordinal)
      ) with (toast_tuple_target = 8160);
      create index chunk_terms_tenant on chunk_terms (tenant_id);

      grant select, insert, update, delete on documents, chunks, chunk_terms to memory_rw;

      alter table documents enable row level security;
      alter table chunks enable row level security;
      alter table chunk_terms enable row level security;
      create policy tenant on documents to memory_rw
        using ${guard("memory.rows.documents", TENANT_ROWS, "(true)")};
      create policy tenant on chunks to memory_rw
        using ${guard("memory.rows.chunks", TENANT_ROWS, "(true)")};
      create policy tenant on chunk_terms to memory_rw
        using ${guard("memory.rows.chunk_terms", TENANT_ROWS, "(true)")};
    `,
  },
];

export const SCHEMA = "memory";
export const ROLE = "memory_rw";
