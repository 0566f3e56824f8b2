import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  type Message,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  type HandlerContext,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { type Binding, handlerOf } from "./binding.ts";
import type { CallSignal } from "./call-signal.ts";
import { streamOf } from "./message-stream.ts";

type Next = Parameters<Interceptor>[0];

/** Wraps `call` in interceptors, the first one outermost. */
export function intercept(call: Next, interceptors: readonly Interceptor[]): Next {
  return interceptors.reduceRight((next, interceptor) => interceptor(next), call);
}

/** What a server knows of a call before its first message. */
export type Incoming = Readonly<{
  service: DescService;
  method: DescMethod;
  header: Headers;
  values: ContextValues;
  call: CallSignal;
  protocolName: string;
  url: string;
}>;

/** What a handler fills: headers before its first message, trailers before its end. */
export type ResponseHeaders = Readonly<{ header: Headers; trailer: Headers }>;

export function emptyHeaders(): ResponseHeaders {
  return { header: new Headers(), trailer: new Headers() };
}

/**
 * Runs the binding's handler behind interceptors, whatever its kind: a unary method takes and gives one message, every other
 * kind takes and gives a stream. The response's headers are filled in `response`.
 */
export function invoke(
  binding: Binding,
  incoming: Incoming,
  message: unknown,
  interceptors: readonly Interceptor[],
  response: ResponseHeaders,
): Promise<UnaryResponse | StreamResponse> {
  const { method, service, call, values, url, header } = incoming;
  const context = contextOf(incoming, response);
  const run: Next = async (request) => {
    const own = request.contextValues === values ? context : { ...context, values: request.contextValues };
    const { stream, message } = await runHandler(binding, method, request, own);
    const { header, trailer } = response;
    return { stream, message, service, method, header, trailer } as UnaryResponse | StreamResponse;
  };
  const stream = method.methodKind !== "unary";
  const request = {
    stream,
    message,
    method,
    service,
    url,
    signal: call.signal,
    contextValues: values,
    requestMethod: "POST",
    header,
  };
  return intercept(run, interceptors)(request as UnaryRequest | StreamRequest);
}

async function runHandler(
  binding: Binding,
  method: DescMethod,
  request: UnaryRequest | StreamRequest,
  context: HandlerContext,
): Promise<{ stream: boolean; message: unknown }> {
  const handler = handlerOf(binding, method);
  const kind = method.methodKind;
  const input = kind === "server_streaming" ? await onlyMessage(request as StreamRequest) : request.message;
  if (kind === "server_streaming" || kind === "bidi_streaming") {
    return {
      stream: true,
      message: created(method.output, handler(input, context) as AsyncIterable<Message>),
    };
  }
  const message = create(method.output, (await handler(input, context)) as Message);
  return kind === "unary" ? { stream: false, message } : { stream: true, message: streamOf(message) };
}

/** Handlers may yield plain objects; whatever leaves them is a full message. */
function created(schema: DescMessage, source: AsyncIterable<Message>): AsyncIterable<Message> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      return {
        async next() {
          const result = await iterator.next();
          return result.done ? result : { done: false, value: create(schema, result.value) };
        },
        return: async (value) => (await iterator.return?.(value)) ?? { done: true, value },
      };
    },
  };
}

async function onlyMessage(request: StreamRequest): Promise<Message> {
  const first = await request.message[Symbol.asyncIterator]().next();
  if (first.done) throw new ConnectError("the request message is missing", Code.InvalidArgument);
  return first.value;
}

/** Own plain properties: interceptors and handlers may spread a context, and accessors of their own cost each object a shape. */
function contextOf(incoming: Incoming, response: ResponseHeaders): HandlerContext {
  return {
    service: incoming.service,
    method: incoming.method,
    signal: incoming.call.signal,
    timeoutMs: incoming.call.timeLeftMs,
    requestMethod: "POST",
    requestHeader: incoming.header,
    protocolName: incoming.protocolName,
    values: incoming.values,
    url: incoming.url,
    responseHeader: response.header,
    responseTrailer: response.trailer,
  };
}
