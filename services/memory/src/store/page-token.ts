import { ForerunError } from "@forerun/runtime/forerun-error";

const PREFIX = "documents:";

/** The token of the page that begins after a uri. */
export function pageTokenAfter(uri: string): string {
  return Buffer.from(PREFIX + uri).toString("base64url");
}

/** The uri a page begins after; "" for an empty token, the first page. Throws FR-E1705 for what pageTokenAfter never made. */
export function uriOfPageToken(token: string): string {
  if (token === "") return "";
  const decoded = Buffer.from(token, "base64url").toString();
  const uri = decoded.slice(PREFIX.length);
  if (decoded.startsWith(PREFIX) && uri !== "" && !uri.includes("\0") && pageTokenAfter(uri) === token)
    return uri;
  throw new ForerunError(
    "FR-E1705",
    "invalid_argument",
    "the page token is not one that ListDocuments gave out",
    "Pass next_page_token of the previous page unchanged, or leave page_token empty to start anew.",
  );
}
