/** Every statement of the memory service, with the type of its rows. */
import type { Statement } from "@forerun/db/database";

export type PutRow = { document_id: string };

/** Gives no row when the same content is stored under this uri already. */
export const PUT_DOCUMENT: Statement = {
  name: "memory.put_document",
  text: `
    insert into memory.documents as d (document_id, tenant_id, uri, media_type, title, text, content_hash, chunks)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (tenant_id, uri) do update
      set media_type = excluded.media_type, title = excluded.title, text = excluded.text,
          content_hash = excluded.content_hash, chunks = excluded.chunks, update_time = now()
      where d.content_hash <> excluded.content_hash
    returning document_id`,
};

export type KnownRow = { document_id: string; chunks: number };

export const FIND_DOCUMENT_BY_URI: Statement = {
  name: "memory.find_document_by_uri",
  text: "select document_id, chunks from memory.documents where uri = $1",
};

export const CLEAR_CHUNKS: Statement = {
  name: "memory.clear_chunks",
  text: `
    with gone as (delete from memory.chunk_terms where document_id = $1)
    delete from memory.chunks where document_id = $1`,
};

/** $1 document, whose tenant its chunks take; $2 JSON array of ChunkRow. */
export const ADD_CHUNKS: Statement = {
  name: "memory.add_chunks",
  text: `
    with rows as materialized (
      select d.document_id, d.tenant_id, r.*
      from memory.documents d,
        jsonb_to_recordset($2::jsonb) as r(
          ordinal integer, start_offset integer, end_offset integer, headings text[], text text,
          words integer, title_words text, heading_words text, text_words text)
      where d.document_id = $1
    ), kept as (
      insert into memory.chunks (document_id, ordinal, tenant_id, start_offset, end_offset, headings, text)
      select document_id, ordinal, tenant_id, start_offset, end_offset, headings, text from rows
    )
    insert into memory.chunk_terms (document_id, ordinal, tenant_id, words, terms)
    select document_id, ordinal, tenant_id, words,
      setweight(to_tsvector('english', title_words), 'A')
        || setweight(to_tsvector('english', heading_words), 'B')
        || to_tsvector('english', text_words)
    from rows`,
};

export type ChunkRow = {
  ordinal: number;
  start_offset: number;
  end_offset: number;
  headings: string[];
  text: string;
  words: number;
  /** Words of search/words.ts, joined by spaces. */
  title_words: string;
  heading_words: string;
  text_words: string;
};

export type DocumentRow = {
  document_id: string;
  title: string;
  uri: string;
  media_type: string;
  chunks: number;
};

export const LIST_DOCUMENTS: Statement = {
  name: "memory.list_documents",
  text: `
    select document_id, title, uri, media_type, chunks
    from memory.documents
    where uri > $1
    order by uri
    limit $2`,
};

export const GET_DOCUMENT: Statement = {
  name: "memory.get_document",
  text: "select document_id, title, uri, media_type, chunks, text from memory.documents where document_id = $1",
};

export const DELETE_DOCUMENT: Statement = {
  name: "memory.delete_document",
  text: "delete from memory.documents where document_id = $1 returning document_id",
};
