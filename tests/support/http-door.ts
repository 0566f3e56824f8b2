/** The HTTP doors as curl sees them: bytes in, JSON out. */
import type { Outcome } from "./outcome.ts";

type Body = object | string | Uint8Array;
type Headers = Record<string, string>;

/** POST /chat. */
export function postChat<T>(base: string, body: Body): Promise<Outcome<T>> {
  return post(`${base}/chat`, body);
}

/** A unary call by Connect's JSON; `method` is "forerun.chat.v1.ChatService/Ask". */
export function postConnect<T>(
  base: string,
  method: string,
  body: Body,
  headers: Headers = {},
): Promise<Outcome<T>> {
  return post(`${base}/${method}`, body, headers);
}

/** A call by Connect's JSON whose answer is a stream: all its messages, or its refusal. */
export async function postConnectStream<T>(base: string, method: string, body: Body): Promise<Outcome<T[]>> {
  const response = await send(`${base}/${method}`, enveloped(bytesOf(body)), {
    "content-type": "application/connect+json",
  });
  const messages: T[] = [];
  for (const { flags, value } of envelopes(Buffer.from(await response.arrayBuffer()))) {
    if (flags === 0) messages.push(value as T);
    else if ((value as { error?: WireError }).error)
      return refusal((value as { error: WireError }).error, undefined);
    else return { kind: "answer", value: messages };
  }
  throw new Error("the stream broke off");
}

async function post<T>(url: string, body: Body, headers: Headers = {}): Promise<Outcome<T>> {
  const response = await send(url, bytesOf(body), { "content-type": "application/json", ...headers });
  const value: unknown = await response.json();
  return response.ok ? { kind: "answer", value: value as T } : refusal(value as WireError, response.status);
}

function send(url: string, body: Uint8Array, headers: Headers): Promise<Response> {
  return fetch(url, { method: "POST", headers, body: body as Uint8Array<ArrayBuffer> });
}

function bytesOf(body: Body): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

type Detail = { reason?: string; metadata?: { fix?: string } };
type WireError = { code: string; message?: string; details?: (Detail & { debug?: Detail })[] };

function refusal({ code, message, details }: WireError, http: number | undefined): Outcome<never> {
  const [first] = details ?? [];
  const info = first?.debug ?? first;
  return {
    kind: "refusal",
    status: code,
    http,
    code: info?.reason ?? "",
    cause: message ?? "",
    fix: info?.metadata?.fix ?? "",
  };
}

function enveloped(body: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.byteLength, 1);
  return Buffer.concat([prefix, body]);
}

function* envelopes(bytes: Buffer): Generator<{ flags: number; value: unknown }> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    yield { flags: bytes.readUInt8(at), value: JSON.parse(bytes.toString("utf8", at + 5, end)) };
    at = end;
  }
}
