import type { Database, Query } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { v7 as uuidv7 } from "uuid";
import { chunk } from "../chunk/chunk.ts";
import { contentHash } from "../content-hash.ts";
import type { DocumentSummary, MediaType, NewDocument, StoredDocument } from "../document.ts";
import { titleOf } from "../parse-document.ts";
import { chunkRows } from "./chunk-rows.ts";
import { pageTokenAfter, uriOfPageToken } from "./page-token.ts";
import {
  ADD_CHUNKS,
  type ChunkRow,
  CLEAR_CHUNKS,
  DELETE_DOCUMENT,
  type DocumentRow,
  FIND_DOCUMENT_BY_URI,
  GET_DOCUMENT,
  type KnownRow,
  LIST_DOCUMENTS,
  PUT_DOCUMENT,
  type PutRow,
} from "./statements.ts";

export type IngestOutcome = { documentId: string; chunks: number; unchanged: boolean };

export type DocumentPage = { documents: DocumentSummary[]; nextPageToken: string };

/** The embedded store answers nobody else while a batch is written. */
const BATCH_ROWS = 20;

/** Stores a document with its chunks in one transaction, in place of an earlier one of the caller's with the same uri. */
export async function putDocument(
  db: Database,
  caller: Caller,
  document: NewDocument,
): Promise<IngestOutcome> {
  const chunks = chunk(document.text, document.mediaType);
  const title = titleOf(document, chunks.find(({ headings }) => headings.length > 0)?.headings[0]);
  const rows = chunkRows(title, chunks);
  const { uri, mediaType, text } = document;
  return db.tx(caller, async (query) => {
    const hash = contentHash({ ...document, title });
    const values = [uuidv7(), caller.tenant, uri, mediaType, title, text, hash, rows.length];
    const [put] = await query<PutRow>(PUT_DOCUMENT, values);
    if (!put) return alreadyStored(query, uri);
    await query(CLEAR_CHUNKS, [put.document_id]);
    for (let at = 0; at < rows.length; at += BATCH_ROWS) {
      await query<ChunkRow>(ADD_CHUNKS, [put.document_id, JSON.stringify(rows.slice(at, at + BATCH_ROWS))]);
    }
    return { documentId: put.document_id, chunks: rows.length, unchanged: false };
  });
}

/** The upsert gave no row: it found this uri with the same content, and keeps it locked until the transaction ends. */
async function alreadyStored(query: Query, uri: string): Promise<IngestOutcome> {
  const [known] = await query<KnownRow>(FIND_DOCUMENT_BY_URI, [uri]);
  if (!known) throw new Error("a document that exists cannot be read");
  return { documentId: known.document_id, chunks: known.chunks, unchanged: true };
}

/** The caller's documents in the order of their uris' bytes. Throws FR-E1705 for a bad token. */
export async function listDocuments(
  db: Database,
  caller: Caller,
  page: { size: number; token: string },
): Promise<DocumentPage> {
  const after = uriOfPageToken(page.token);
  const rows = await db.query<DocumentRow>(caller, LIST_DOCUMENTS, [after, page.size + 1]);
  const documents = rows.slice(0, page.size).map(summaryOf);
  const last = rows.length > page.size ? documents.at(-1) : undefined;
  return { documents, nextPageToken: last ? pageTokenAfter(last.uri) : "" };
}

/** Undefined when there is none, or it is another tenant's. `documentId` is a UUID. */
export async function getDocument(
  db: Database,
  caller: Caller,
  documentId: string,
): Promise<StoredDocument | undefined> {
  const [row] = await db.query<DocumentRow & { text: string }>(caller, GET_DOCUMENT, [documentId]);
  return row && { ...summaryOf(row), text: row.text };
}

/** False when there is none, or it is another tenant's. `documentId` is a UUID. */
export async function deleteDocument(db: Database, caller: Caller, documentId: string): Promise<boolean> {
  const rows = await db.query(caller, DELETE_DOCUMENT, [documentId]);
  return rows.length > 0;
}

function summaryOf(row: DocumentRow): DocumentSummary {
  return {
    documentId: row.document_id,
    title: row.title,
    uri: row.uri,
    mediaType: row.media_type as MediaType,
    chunks: row.chunks,
  };
}
