import { isUtf8 } from "node:buffer";
import { type DescMessage, fromJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { decode, notAMessage, tooLarge } from "./codec.ts";
import { errorInfo } from "./error-details.ts";

type Body = AsyncIterable<Uint8Array>;

/** How a request's messages are written, and what bounds them. */
export type MessageRules = Readonly<{
  schema: DescMessage;
  json: boolean;
  /** Each message comes after its flags and length: gRPC, gRPC-Web and Connect's streams. */
  enveloped: boolean;
  compression: Compression | undefined;
  maxMessageBytes: number;
  jsonDepth: number;
}>;

/**
 * The body with each message uncompressed, within the limits and sure to be one of its method. The protocols' own parsers
 * refuse without code and fix, call bad protobuf a fault of the server and let invalid UTF-8 in JSON pass as U+FFFD.
 */
export function checkedMessages(body: Body, rules: MessageRules): Body {
  return rules.enveloped ? checkedEnvelopes(body, rules) : checkedWhole(body, rules);
}

async function* checkedWhole(body: Body, rules: MessageRules): Body {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > rules.maxMessageBytes) throw tooLarge(rules.maxMessageBytes);
    chunks.push(chunk);
  }
  const message = await uncompressed(Buffer.concat(chunks, size), rules);
  checkMessage(message, rules);
  yield message;
}

/** Flags and length before each message. */
const PREFIX_BYTES = 5;
const COMPRESSED = 0b1;

async function* checkedEnvelopes(body: Body, rules: MessageRules): Body {
  for await (const { flags, bytes } of envelopes(body, rules)) {
    const open = flags & COMPRESSED && rules.compression ? await uncompressed(bytes, rules) : bytes;
    const rest = open === bytes ? flags : flags & ~COMPRESSED;
    // Other flags mark what is no message: the end of a stream, trailers.
    if (rest === 0) checkMessage(open, rules);
    const prefix = new DataView(new ArrayBuffer(PREFIX_BYTES));
    prefix.setUint8(0, rest);
    prefix.setUint32(1, open.byteLength);
    yield new Uint8Array(prefix.buffer);
    yield open;
  }
}

type Envelope = { flags: number; bytes: Uint8Array };

/** Refuses an envelope as soon as its length is known, before its bytes are kept. */
async function* envelopes(body: Body, { schema, maxMessageBytes }: MessageRules): AsyncGenerator<Envelope> {
  const parts: Uint8Array[] = [];
  let size = 0;
  let length: number | undefined;
  for await (const chunk of body) {
    parts.push(chunk);
    size += chunk.byteLength;
    while (size >= PREFIX_BYTES + (length ?? 0)) {
      const held = joined(parts, size);
      length ??= held.readUInt32BE(1);
      if (length > maxMessageBytes) throw tooLarge(maxMessageBytes);
      const end = PREFIX_BYTES + length;
      if (size < end) break;
      yield { flags: held.readUInt8(0), bytes: held.subarray(PREFIX_BYTES, end) };
      parts[0] = held.subarray(end);
      size -= end;
      length = undefined;
    }
  }
  if (size > 0) throw notAMessage(schema, "the body ends within a message");
}

/** What is held as one buffer, copied only where it came in several parts. */
function joined(parts: Uint8Array[], size: number): Buffer {
  const [first] = parts;
  const held =
    parts.length === 1 && first
      ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
      : Buffer.concat(parts, size);
  parts.splice(0, parts.length, held);
  return held;
}

async function uncompressed(bytes: Uint8Array, rules: MessageRules): Promise<Uint8Array> {
  const { compression, maxMessageBytes, schema } = rules;
  if (!compression) return bytes;
  try {
    return await compression.decompress(bytes as Uint8Array<ArrayBuffer>, maxMessageBytes);
  } catch (error) {
    if (ConnectError.from(error).code === Code.ResourceExhausted) throw tooLarge(maxMessageBytes);
    throw notAMessage(schema, `the body is not ${compression.name}`);
  }
}

function checkMessage(bytes: Uint8Array, rules: MessageRules): void {
  const { schema, json, maxMessageBytes, jsonDepth } = rules;
  if (!json) return void decode(schema, bytes, maxMessageBytes);
  if (!isUtf8(bytes)) throw notAMessage(schema, "it is not valid UTF-8");
  if (isDeeperThan(bytes, jsonDepth)) throw tooDeep(jsonDepth);
  try {
    const text = BOM_KEPT.decode(bytes);
    if (ESCAPED_SURROGATE.test(text)) requireWholeCharacters(text);
    // As the protocols' own parser takes it, except for a byte order mark.
    fromJsonString(schema, text, { ignoreUnknownFields: true });
  } catch (error) {
    throw notAMessage(schema, String((error as Error).message).slice(0, MAX_REASON));
  }
}

const BOM_KEPT = new TextDecoder("utf-8", { ignoreBOM: true });
const ESCAPED_SURROGATE = /\\u[dD][89A-Fa-f]/;

/** Names in a Struct are not looked at by the parser, and half a pair would be sent on as U+FFFD. */
function requireWholeCharacters(json: string): void {
  JSON.parse(json, (name, value: unknown) => {
    if (!name.isWellFormed() || (typeof value === "string" && !value.isWellFormed()))
      throw new Error("a text holds half a surrogate pair");
    return value;
  });
}

/** Characters of a parser's words that are passed on: they quote what was sent. */
const MAX_REASON = 256;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Looked at before it is parsed: parsers recurse, and a stack is finite. */
function isDeeperThan(json: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  let escaped = false;
  for (const byte of json) {
    if (escaped) escaped = false;
    else if (inString && byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) inString = !inString;
    else if (!inString && OPENING.has(byte)) depth++;
    else if (!inString && CLOSING.has(byte)) depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}

function tooDeep(maxDepth: number): ConnectError {
  return new ConnectError(`the JSON is nested deeper than ${maxDepth}`, Code.InvalidArgument, undefined, [
    errorInfo("FR-E1305", `Nest at most ${maxDepth} objects and lists.`),
  ]);
}
