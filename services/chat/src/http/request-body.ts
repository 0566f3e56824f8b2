import type { IncomingMessage } from "node:http";
import { ForerunError } from "@forerun/runtime/forerun-error";

/**
 * The body of a request, at most `limit` bytes: a body of exactly `limit` bytes is accepted, one more is FR-E1302.
 * Nothing past the limit is kept; the rest of a refused body is read off and dropped so that the answer can be delivered.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") throw compressed(encoding);
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) return void chunks.push(chunk);
      request.off("data", onData).resume();
      reject(tooLarge(limit));
    };
    request.on("data", onData);
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", reject);
    request.once("close", () => reject(new ClientGone()));
  });
}

/** The client closed the connection before its request was whole: there is nobody to answer. */
export class ClientGone extends Error {}

/** Refuses a body that is not declared as JSON; a page of another site can send such a body only after a preflight. */
export function requireJson(request: IncomingMessage): void {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return;
  throw new ForerunError(
    "FR-E1322",
    "invalid_argument",
    `content type ${JSON.stringify(type?.slice(0, 64) || "(none)")} is not supported here`,
    "Send the header Content-Type: application/json.",
  );
}

function tooLarge(limit: number): ForerunError {
  return new ForerunError(
    "FR-E1302",
    "resource_exhausted",
    `the request body is larger than ${limit} bytes`,
    "Send less, or raise MAX_MESSAGE_BYTES.",
  );
}

function compressed(encoding: string): ForerunError {
  return new ForerunError(
    "FR-E1322",
    "invalid_argument",
    `content encoding ${JSON.stringify(encoding.slice(0, 64))} is not supported here`,
    "Send the body uncompressed.",
  );
}
