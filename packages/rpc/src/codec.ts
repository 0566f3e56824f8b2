import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorInfo } from "./error-details.ts";

/** Bytes of any message on every hop, unless MAX_MESSAGE_BYTES says otherwise. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4_194_304;

/**
 * Messages within messages that are read. JSON in a Struct takes two a level, and ours may have 64 levels; the default of 100
 * would let a deep value be sent and stored which nobody can read again.
 */
export const READ_OPTIONS = { recursionLimit: 160 } as const;

/** The largest message of a direction was passed: RESOURCE_EXHAUSTED, the same words on every binding. */
export function tooLarge(maxBytes: number): ConnectError {
  const fix = `Send less than ${maxBytes} bytes a message, or raise MAX_MESSAGE_BYTES on both sides.`;
  return new ConnectError(`the message is larger than ${maxBytes} bytes`, Code.ResourceExhausted, undefined, [
    errorInfo("FR-E1302", fix),
  ]);
}

/** Wire form of a message. @throws ConnectError RESOURCE_EXHAUSTED above `maxBytes`, INTERNAL for a value its field cannot hold. */
export function encode<S extends DescMessage>(
  schema: S,
  message: MessageInitShape<S>,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  const bytes = toBinary(schema, create(schema, message));
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

/** Message of a wire form. @throws ConnectError RESOURCE_EXHAUSTED above `maxBytes`, INVALID_ARGUMENT for bytes that are none. */
export function decode<S extends DescMessage>(
  schema: S,
  bytes: Uint8Array,
  maxBytes: number,
): MessageShape<S> {
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  // A Buffer's slices are Buffers: over a plain view, bytes fields come out as plain Uint8Arrays.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return fromBinary(schema, view, READ_OPTIONS);
  } catch {
    throw notAMessage(schema);
  }
}

/** Bytes or a text that cannot be read as a message: INVALID_ARGUMENT, whatever the binding. */
export function notAMessage({ typeName }: DescMessage, why?: string): ConnectError {
  const text = `not a ${typeName}${why === undefined ? "" : `: ${why}`}`;
  return new ConnectError(text, Code.InvalidArgument, undefined, [
    errorInfo("FR-E1305", "Send the message as its proto describes it."),
  ]);
}
