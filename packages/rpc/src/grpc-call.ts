import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Channel, type experimental, type Metadata, type StatusObject, status } from "@grpc/grpc-js";
import type { CallSignal } from "./call-signal.ts";
import { decode, encode } from "./codec.ts";
import { deferred } from "./deferred.ts";
import { MessageQueue } from "./message-queue.ts";
import { toHeaders } from "./metadata.ts";
import { pump } from "./pump.ts";
import { fromStatus } from "./status.ts";

/** Bytes read ahead of the consumer: grpc-js drops what was not read when a call ends in an error. */
const READ_AHEAD_BYTES = 262_144;

type Outgoing = Readonly<{
  channel: Channel;
  method: DescMethod;
  metadata: Metadata;
  maxMessageBytes: number;
}>;

/** A call on the wire: response headers, messages as they come, trailers once they are all read. */
export type WireCall = Readonly<{
  header: Promise<Metadata | undefined>;
  messages: AsyncIterable<Message>;
  trailer: Headers;
}>;

/** Sends one message and gets one, without any Node stream between. */
export function callUnary(
  { channel, method, metadata, maxMessageBytes }: Outgoing,
  input: Message,
  call: CallSignal,
): Promise<{ header: Metadata | undefined; message: Message; trailer: Metadata }> {
  // Before the call starts, since a throw afterwards would leave it half open.
  const bytes = encode(method.input, input, maxMessageBytes);
  const wire = createCall(channel, method, call);
  const reply = deferred<{ header: Metadata | undefined; message: Message; trailer: Metadata }>();
  let header: Metadata | undefined;
  let body: Buffer | undefined;
  const stop = () => {
    reply.reject(call.reason());
    wire.cancelWithStatus(status.CANCELLED, "canceled");
  };
  wire.start(metadata, {
    onReceiveMetadata: (received) => {
      header = received;
    },
    onReceiveMessage: (received: Buffer) => {
      body = received;
    },
    onReceiveStatus: (ended) => {
      call.signal.removeEventListener("abort", stop);
      try {
        if (ended.code !== status.OK) throw fromStatus(ended, maxMessageBytes);
        if (!body) throw new ConnectError("the service sent no message", Code.Internal);
        reply.resolve({
          header,
          message: received(method.output, body, maxMessageBytes),
          trailer: ended.metadata,
        });
      } catch (error) {
        reply.reject(error);
      }
    },
  });
  wire.sendMessageWithContext({}, asBuffer(bytes));
  wire.halfClose();
  wire.startRead();
  if (call.signal.aborted) stop();
  else call.signal.addEventListener("abort", stop, { once: true });
  return reply.promise;
}

/** Sends and gets any number of messages; reads ahead of the consumer by a bounded number of bytes. */
export function callStream(
  { channel, method, metadata, maxMessageBytes }: Outgoing,
  input: AsyncIterable<Message>,
  call: CallSignal,
): WireCall {
  const messages = new MessageQueue<Message>(READ_AHEAD_BYTES);
  const header = deferred<Metadata | undefined>();
  // Filled at the end: whoever holds the response holds this object.
  const trailer = new Headers();
  let over = false;
  const wire = createCall(channel, method, call);
  const end = (error?: ConnectError) => {
    if (over) return;
    over = true;
    if (error) messages.fail(error, "queued");
    else messages.end();
    header.resolve(undefined);
    call.done();
  };
  const fail = (error: ConnectError) => {
    end(error);
    wire.cancelWithStatus(status.CANCELLED, "canceled");
  };
  call.signal.addEventListener("abort", () => {
    if (over) return;
    messages.fail(call.reason());
    fail(call.reason());
  });
  const read = () => wire.startRead();
  wire.start(metadata, {
    onReceiveMetadata: header.resolve,
    onReceiveMessage: (bytes: Buffer) => {
      try {
        const message = received(method.output, bytes, maxMessageBytes);
        const room = messages.push(message, bytes.byteLength);
        if (room) void room.then(read);
        else read();
      } catch (error) {
        fail(ConnectError.from(error));
      }
    },
    onReceiveStatus: (ended: StatusObject) => {
      toHeaders(ended.metadata).forEach((value, key) => {
        trailer.append(key, value);
      });
      end(ended.code === status.OK ? undefined : fromStatus(ended, maxMessageBytes));
    },
  });
  read();
  if (call.signal.aborted) fail(call.reason());
  pump(input, call.signal, (message) =>
    send(wire, encode(method.input, message, maxMessageBytes), call.signal),
  ).then(
    (ended) => {
      if (ended) wire.halfClose();
    },
    (error: unknown) => fail(ConnectError.from(error)),
  );
  return { header: header.promise, messages, trailer };
}

function createCall(channel: Channel, method: DescMethod, call: CallSignal): experimental.CallStream {
  const path = `/${method.parent.typeName}/${method.name}`;
  // What is left never drops below a millisecond: 0 would mean "none" to some and "expired" to others.
  const deadline = Date.now() + Math.max(1, call.timeLeftMs() ?? Infinity);
  return channel.createCall(path, deadline, null, null, null);
}

/** Resolves when grpc-js takes the next message. It never says so for a cancelled call: then the end of the call resolves. */
function send(
  wire: experimental.CallStream,
  bytes: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      signal.removeEventListener("abort", settle);
      resolve();
    };
    signal.addEventListener("abort", settle, { once: true });
    wire.sendMessageWithContext({ callback: settle }, asBuffer(bytes));
  });
}

function asBuffer(bytes: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A response that cannot be read is the service's fault, not the request's. */
function received(schema: DescMessage, bytes: Buffer, maxMessageBytes: number): Message {
  try {
    return decode(schema, bytes, maxMessageBytes);
  } catch (error) {
    const { code } = ConnectError.from(error);
    throw code === Code.ResourceExhausted
      ? error
      : new ConnectError("the service sent a malformed message", Code.Internal);
  }
}
