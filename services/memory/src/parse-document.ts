import { ForerunError } from "@forerun/runtime/forerun-error";
import type { MediaType, NewDocument } from "./document.ts";

/** UTF-8 bytes of a document at most: what fits into one message of the default size, its other fields included. */
export const MAX_DOCUMENT_BYTES = 4_000_000;
/** The uri is part of an index key. */
const MAX_URI_BYTES = 2048;
const MAX_TITLE_LENGTH = 1024;

/** Checks a document before anything is written. Throws FR-E1601, FR-E1602 or FR-E1603. */
export function parseDocument(input: {
  uri: string;
  mediaType: string;
  text: string;
  title: string;
}): NewDocument {
  for (const field of ["uri", "title", "text"] as const) assertStorable(field, input[field]);
  if (Buffer.byteLength(input.uri) > MAX_URI_BYTES)
    throw unstorable(`the uri exceeds ${MAX_URI_BYTES} bytes`);
  const bytes = Buffer.byteLength(input.text);
  if (bytes > MAX_DOCUMENT_BYTES) throw tooLarge(bytes);
  if (input.text.trim() === "") throw empty(input.uri);
  return { uri: input.uri, mediaType: mediaTypeOf(input.mediaType), text: input.text, title: input.title };
}

/** A document's title: the one given, else its first heading, else the last part of its uri. */
export function titleOf(document: NewDocument, firstHeading: string | undefined): string {
  const fromUri = document.uri.split(/[/\\]/).findLast((part) => part !== "") ?? document.uri;
  const title = document.title.trim() || firstHeading || fromUri;
  return title.slice(0, MAX_TITLE_LENGTH).toWellFormed();
}

function assertStorable(field: string, value: string): void {
  const at = value.indexOf("\0");
  if (at >= 0) throw unstorable(`the ${field} holds a NUL character at offset ${at}`);
  if (!value.isWellFormed()) throw unstorable(`the ${field} holds half a surrogate pair`);
}

function mediaTypeOf(mediaType: string): MediaType {
  if (mediaType === "text/markdown" || mediaType === "text/plain") return mediaType;
  throw unstorable(`media type ${JSON.stringify(mediaType)} is not supported`);
}

function unstorable(message: string): ForerunError {
  return new ForerunError(
    "FR-E1601",
    "invalid_argument",
    message,
    "Send text/markdown or text/plain in valid Unicode without NUL characters, under a uri of at most 2048 bytes.",
  );
}

function tooLarge(bytes: number): ForerunError {
  return new ForerunError(
    "FR-E1602",
    "resource_exhausted",
    `the document has ${bytes} bytes, the limit is ${MAX_DOCUMENT_BYTES}`,
    "Split it into several documents.",
  );
}

function empty(uri: string): ForerunError {
  return new ForerunError(
    "FR-E1603",
    "invalid_argument",
    `the document ${uri} holds nothing but white space`,
    "Send a document with text in it.",
  );
}
