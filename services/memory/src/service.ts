import type { ServiceImpl } from "@connectrpc/connect";
import type { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import type { Database } from "@forerun/db/database";
import { callerOf } from "@forerun/rpc/call-context";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { documentToWire, snippetToWire } from "./document-wire.ts";
import { parseDocument } from "./parse-document.ts";
import { search } from "./search/search.ts";
import { deleteDocument, getDocument, listDocuments, putDocument } from "./store/documents.ts";

const DEFAULT_SNIPPETS = 5;
const DEFAULT_PAGE_SIZE = 50;

export function memoryHandlers(db: Database): ServiceImpl<typeof MemoryService> {
  return {
    async search({ text, k }, ctx) {
      const question = { text, k: k || DEFAULT_SNIPPETS, timeoutMs: ctx.timeoutMs() };
      const snippets = await search(db, callerOf(ctx), question);
      return { snippets: snippets.map(snippetToWire) };
    },
    async ingest(request, ctx) {
      return putDocument(db, callerOf(ctx), parseDocument(request));
    },
    async listDocuments({ pageSize, pageToken }, ctx) {
      const page = { size: pageSize || DEFAULT_PAGE_SIZE, token: pageToken };
      const { documents, nextPageToken } = await listDocuments(db, callerOf(ctx), page);
      return { documents: documents.map(documentToWire), nextPageToken };
    },
    async getDocument({ documentId }, ctx) {
      const document = await getDocument(db, callerOf(ctx), documentId);
      if (!document) throw noSuchDocument();
      return { document: { ...documentToWire(document), text: document.text } };
    },
    async deleteDocument({ documentId }, ctx) {
      if (!(await deleteDocument(db, callerOf(ctx), documentId))) throw noSuchDocument();
      return {};
    },
  };
}

/** The same for an unknown id and another tenant's, so that ids tell nothing. */
function noSuchDocument(): ForerunError {
  return new ForerunError(
    "FR-E1604",
    "not_found",
    "no such document",
    "List the documents there are: forerun.memory.v1.MemoryService/ListDocuments.",
  );
}
