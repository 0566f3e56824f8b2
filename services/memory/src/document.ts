/** A stored document, as the memory domain sees it. */
export type MediaType = "text/markdown" | "text/plain";

export type NewDocument = { uri: string; mediaType: MediaType; text: string; title: string };

export type DocumentSummary = {
  documentId: string;
  title: string;
  uri: string;
  mediaType: MediaType;
  /** How many chunks it was cut into. */
  chunks: number;
};

export type StoredDocument = DocumentSummary & { text: string };
