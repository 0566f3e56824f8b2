import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { Code, ConnectError, createConnectRouter, createContextKey } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
} from "@connectrpc/connect-node";
import type { Caller } from "@forerun/runtime/caller";
import type { Binding } from "./binding.ts";
import { drainKey, valuesOf } from "./call-context.ts";
import { READ_OPTIONS } from "./codec.ts";
import { DEADLINES, type Deadlines } from "./deadlines.ts";
import { checkedMessages } from "./edge-messages.ts";
import { bodyOf, discardRest } from "./edge-request.ts";
import { writeAnswer } from "./edge-response.ts";
import { limitTimeout } from "./edge-timeout.ts";
import { errorInfo } from "./error-details.ts";
import type { Identify } from "./identify.ts";
import { limitingResponses } from "./limit-responses.ts";
import { validTrace } from "./observe.ts";
import { type ServerOptions, STALL_MS, serverInterceptors } from "./server-options.ts";

export type EdgeRequest = IncomingMessage | Http2ServerRequest;
export type EdgeResponse = ServerResponse | Http2ServerResponse;
export type EdgeHandler = (request: EdgeRequest, response: EdgeResponse) => Promise<void>;

export type EdgeOptions = ServerOptions &
  Readonly<{
    /** The verified caller of a request. Throws when there is none. */
    authenticate(request: EdgeRequest): Caller | Promise<Caller>;
    /** Levels of objects and lists a JSON body may have. */
    jsonDepth?: number;
    /** Aborts when the server begins to drain. */
    drain?: AbortSignal;
  }>;

const authenticationKey = createContextKey<Promise<Caller> | undefined>(undefined, {
  description: "authentication under way",
});

/** Serves bindings to the outside: Connect and gRPC-Web on HTTP/1.1, gRPC too where the server speaks HTTP/2. */
export function edgeHandler(bindings: readonly Binding[], options: EdgeOptions): EdgeHandler {
  const { maxMessageBytes, deadlines = DEADLINES, jsonDepth = 64, log, stallMs = STALL_MS } = options;
  const identify: Identify = ({ contextValues }) => contextValues.get(authenticationKey);
  const router = createConnectRouter({
    interceptors: [
      ...serverInterceptors(options, { identify, door: "people" }),
      limitingResponses(maxMessageBytes),
    ],
    acceptCompression: COMPRESSIONS,
    binaryOptions: READ_OPTIONS,
    // JSON keys are the names of the proto fields, here as at every other door.
    jsonOptions: { useProtoFieldName: true },
    // A second wall behind our limits: it also holds for what a compressed message grows to.
    readMaxBytes: maxMessageBytes,
    writeMaxBytes: maxMessageBytes,
  });
  for (const { service, implementation } of bindings) router.service(service, implementation);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  return async (request, response) => {
    const handler = handlers.get((request.url ?? "").split("?", 1)[0] ?? "");
    if (!handler) {
      const body = JSON.stringify(errorToJson(noSuchMethod(), undefined));
      response.writeHead(404, { "content-type": "application/json" }).end(body);
      return;
    }
    const authentication = Promise.resolve().then(() => options.authenticate(request));
    // Awaited by the interceptor, if the call gets that far.
    authentication.catch(() => {});
    const trace = validTrace(request.headers.traceparent);
    const values = valuesOf(undefined, trace)
      .set(authenticationKey, authentication)
      .set(drainKey, options.drain);
    try {
      const incoming = universalRequestFromNodeRequest(request, response as never, undefined, values);
      const limits = { maxMessageBytes, deadlines, jsonDepth };
      const answer = await handler(guarded(handler, { ...incoming, body: bodyOf(request) }, limits));
      if (answer.status === 401) answer.header?.set("www-authenticate", "Bearer");
      // An HTTP/2 response is written like one of HTTP/1.1.
      await writeAnswer(answer, response as ServerResponse, stallMs);
      discardRest(request);
    } catch (error) {
      log.debug({ err: error, method: handler.method.name }, "the client left before its response");
      response.destroy();
    }
  };
}

function noSuchMethod(): ConnectError {
  const fix = "Check the path: /package.Service/Method, as docs/api.md lists them.";
  return new ConnectError("there is no such method", Code.Unimplemented, undefined, [
    errorInfo("FR-E1320", fix),
  ]);
}

type Limits = Readonly<{ maxMessageBytes: number; deadlines: Deadlines; jsonDepth: number }>;

const COMPRESSIONS = [compressionGzip, compressionBrotli];

/** The request with its deadline set and its messages checked. */
function guarded(
  { method }: UniversalHandler,
  request: UniversalServerRequest,
  limits: Limits,
): UniversalServerRequest {
  const { header } = request;
  limitTimeout(header, limits.deadlines, method.methodKind !== "unary");
  const type = header.get("content-type") ?? "";
  const enveloped = /^application\/(grpc|connect\+)/.test(type);
  const encoding = header.get(encodingHeader(type));
  const compression = COMPRESSIONS.find(({ name }) => name === encoding);
  if (compression && !enveloped) {
    // The body is passed on uncompressed.
    header.delete("content-encoding");
    header.delete("content-length");
  }
  const { maxMessageBytes, jsonDepth } = limits;
  const rules = { json: type.includes("json"), enveloped, compression, maxMessageBytes, jsonDepth };
  const body = request.body as AsyncIterable<Uint8Array>;
  return { ...request, body: checkedMessages(body, { ...rules, schema: method.input }) };
}

/** Where the protocol of a content type names its compression. */
function encodingHeader(type: string): string {
  if (type.startsWith("application/grpc")) return "grpc-encoding";
  return type.startsWith("application/connect+") ? "connect-content-encoding" : "content-encoding";
}
