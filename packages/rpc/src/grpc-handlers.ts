import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import { ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Logger } from "@forerun/runtime/logger";
import type {
  handleBidiStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerDuplexStream,
  ServerUnaryCall,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Binding } from "./binding.ts";
import { drainKey, valuesOf } from "./call-context.ts";
import { type CallSignal, canceled, openCall, stalling, timedOut } from "./call-signal.ts";
import { decode, encode } from "./codec.ts";
import { type Deadlines, timeoutFor } from "./deadlines.ts";
import { wireError } from "./hide-faults.ts";
import { emptyHeaders, type Incoming, invoke, type ResponseHeaders } from "./invoke.ts";
import { streamOf } from "./message-stream.ts";
import { toHeaders, toMetadata } from "./metadata.ts";
import { validTrace } from "./observe.ts";
import { toStatus } from "./status.ts";

export type GrpcHandlerOptions = Readonly<{
  interceptors: readonly Interceptor[];
  deadlines: Deadlines;
  maxMessageBytes: number;
  stallMs: number;
  log: Logger;
  /** Aborts when the server starts to drain. */
  drain: AbortSignal;
}>;

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
type StreamCall = ServerDuplexStream<Buffer, Buffer> & { request?: Buffer };

const pass = (bytes: Buffer) => bytes;

/** The binding's methods as grpc-js knows them. Messages stay bytes there, so that codes and texts of bad ones are ours. */
export function grpcDefinition({ service }: Binding): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.name,
      {
        path: `/${service.typeName}/${method.name}`,
        requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
        responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
        requestSerialize: pass,
        requestDeserialize: pass,
        responseSerialize: pass,
        responseDeserialize: pass,
      },
    ]),
  );
}

export function grpcHandlers(binding: Binding, options: GrpcHandlerOptions): UntypedServiceImplementation {
  return Object.fromEntries(
    binding.service.methods.map((method) => {
      const server = new MethodServer(binding, method, options);
      return [method.name, server.handler()];
    }),
  );
}

type Started = Readonly<{ incoming: Incoming; call: CallSignal; response: ResponseHeaders }>;

/** Serves one method: bytes in, handler behind interceptors, bytes out. */
class MethodServer {
  readonly #binding: Binding;
  readonly #method: DescMethod;
  readonly #options: GrpcHandlerOptions;

  constructor(binding: Binding, method: DescMethod, options: GrpcHandlerOptions) {
    this.#binding = binding;
    this.#method = method;
    this.#options = options;
  }

  handler(): UntypedServiceImplementation[string] {
    const { methodKind } = this.#method;
    const unary: handleUnaryCall<Buffer, Buffer> = (call, respond) => {
      const single = methodKind === "unary" ? this.#answer(call) : this.#answerUpload(call as never);
      single.then(
        ({ bytes, trailer }) => respond(null, bytes, trailer),
        (error: unknown) => respond(toStatus(ConnectError.from(error))),
      );
    };
    const stream: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
      this.#write(call).catch((error: unknown) => call.emit("error", toStatus(ConnectError.from(error))));
    };
    return methodKind === "unary" || methodKind === "client_streaming" ? unary : stream;
  }

  async #answer(grpcCall: UnaryCall): Promise<{ bytes: Buffer; trailer: Metadata }> {
    const started = this.#start(grpcCall);
    return this.#guard(started, async () => {
      const message = decode(this.#method.input, grpcCall.request, this.#options.maxMessageBytes);
      const response = await this.#invoke(started, message);
      return this.#finish(grpcCall, started, response.message as Message);
    });
  }

  async #answerUpload(grpcCall: StreamCall): Promise<{ bytes: Buffer; trailer: Metadata }> {
    const started = this.#start(grpcCall);
    return this.#guard(started, async () => {
      const response = await this.#invoke(started, this.#requests(grpcCall, started.call));
      for await (const message of response.message as AsyncIterable<Message>) {
        return this.#finish(grpcCall, started, message);
      }
      throw new Error("the handler of an upload gave no response");
    });
  }

  async #write(grpcCall: StreamCall): Promise<void> {
    const started = this.#start(grpcCall);
    const { call, response: headers } = started;
    await this.#guard(started, async () => {
      const response = await this.#invoke(started, this.#requests(grpcCall, call));
      let begun = false;
      for await (const message of response.message as AsyncIterable<Message>) {
        if (!begun) sendHeaders(grpcCall, headers);
        begun = true;
        const room = write(grpcCall, this.#encode(message), call, this.#options.stallMs);
        if (room) await room;
        if (call.signal.aborted) throw call.reason();
      }
      if (!begun) sendHeaders(grpcCall, headers);
      grpcCall.end(toMetadata(headers.trailer));
    });
  }

  #start(grpcCall: UnaryCall | StreamCall): Started {
    const { service } = this.#binding;
    const deadline = Number(grpcCall.getDeadline());
    // A deadline that has passed is not "none".
    const asked = Number.isFinite(deadline) ? Math.max(1, deadline - Date.now()) : undefined;
    const streams = this.#method.methodKind !== "unary";
    const call = openCall(undefined, timeoutFor(this.#options.deadlines, streams, asked));
    // grpc-js says "cancelled" for a cancel, a deadline and a success alike; after a success the call is already done.
    const onCancelled = () => {
      if (!call.signal.aborted) call.abort(Date.now() >= deadline ? timedOut() : canceled());
    };
    if (grpcCall.cancelled) onCancelled();
    else grpcCall.once("cancelled", onCancelled);
    const trace = validTrace(grpcCall.metadata.get("traceparent")[0]);
    const values = valuesOf(undefined, trace).set(drainKey, this.#options.drain);
    const incoming: Incoming = {
      service,
      method: this.#method,
      header: toHeaders(grpcCall.metadata),
      values,
      call,
      protocolName: "grpc",
      url: `grpc:///${service.typeName}/${this.#method.name}`,
    };
    return { incoming, call, response: emptyHeaders() };
  }

  #invoke({ incoming, response }: Started, message: unknown) {
    return invoke(this.#binding, incoming, message, this.#options.interceptors, response);
  }

  /** Ends the call whatever happens, and lets no text of a fault out. */
  async #guard<T>({ call }: Started, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof ConnectError
        ? error
        : wireError(error, call.signal, this.#options.log, this.#method.name);
    } finally {
      call.done();
    }
  }

  #finish(
    grpcCall: UnaryCall | StreamCall,
    { response }: Started,
    message: Message,
  ): { bytes: Buffer; trailer: Metadata } {
    const bytes = this.#encode(message);
    sendHeaders(grpcCall, response);
    return { bytes, trailer: toMetadata(response.trailer) };
  }

  #encode(message: Message): Buffer {
    const bytes = encode(this.#method.output as DescMessage, message, this.#options.maxMessageBytes);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #requests(grpcCall: StreamCall, call: CallSignal): AsyncIterable<Message> {
    const { input } = this.#method;
    const maxBytes = this.#options.maxMessageBytes;
    if (grpcCall.request) return streamOf(decode(input, grpcCall.request, maxBytes));
    return (async function* () {
      // Without destroyOnReturn, a handler that stops reading would destroy the duplex it still has to answer on.
      const chunks: AsyncIterable<Buffer> = grpcCall.iterator({ destroyOnReturn: false });
      for await (const bytes of chunks) yield decode(input, bytes, maxBytes);
      // A cancelled upload looks like a normal end here.
      if (call.signal.aborted) throw call.reason();
    })();
  }
}

/** Sends response headers, if there are any. */
function sendHeaders(grpcCall: UnaryCall | StreamCall, { header }: ResponseHeaders): void {
  for (const _ of header) {
    grpcCall.sendMetadata(toMetadata(header));
    return;
  }
}

/** Bytes from which a message is waited for by itself: grpc-js counts 16 messages before it holds back, however large. */
const LARGE_BYTES = 16_384;

/**
 * Writes a message. Returns a promise of room when the writer should wait; a cancelled call never drains, so its end resolves
 * too. A client that reads nothing for `stallMs` ends its call.
 */
function write(
  grpcCall: StreamCall,
  bytes: Buffer,
  { signal, abort }: CallSignal,
  stallMs: number,
): Promise<void> | undefined {
  const large = bytes.byteLength >= LARGE_BYTES;
  if (!large && grpcCall.write(bytes)) return undefined;
  if (signal.aborted) return undefined;
  return new Promise((resolve) => {
    const stalled = setTimeout(() => abort(stalling()), stallMs);
    const settle = () => {
      clearTimeout(stalled);
      grpcCall.off("drain", settle);
      signal.removeEventListener("abort", settle);
      resolve();
    };
    signal.addEventListener("abort", settle, { once: true });
    if (large) grpcCall.write(bytes, settle);
    else grpcCall.once("drain", settle);
  });
}
