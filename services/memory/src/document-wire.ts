import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SnippetSchema } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { DocumentSchema } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import type { DocumentSummary } from "./document.ts";
import type { Snippet } from "./search/snippet.ts";

/** Without its text. */
export function documentToWire(document: DocumentSummary): MessageInitShape<typeof DocumentSchema> {
  const { documentId, title, uri, mediaType, chunks } = document;
  return { documentId, title, uri, mediaType, chunks };
}

export function snippetToWire(snippet: Snippet): MessageInitShape<typeof SnippetSchema> {
  const { documentId, title, uri, start, end, text, score, headings } = snippet;
  return { source: { documentId, title, uri, start, end, quote: text }, score, headings };
}
