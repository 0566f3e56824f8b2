import {
  Code,
  ConnectError,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import { traceKey } from "./call-context.ts";
import { tapStream } from "./message-stream.ts";

/** One finished call: rate, errors and duration of a server. `code` is "ok" or a status as Connect spells it. */
export type Observation = Readonly<{ service: string; method: string; code: string; seconds: number }>;
export type Observer = (observation: Observation) => void;

/**
 * Starts a span for a call; `parent` is the caller's `traceparent`. What it returns becomes the parent of what follows.
 * `system` names the protocol as OpenTelemetry does; within one process it is "local".
 */
export type Tracer = (
  call: Readonly<{ system: string; service: string; method: string; parent: string | undefined }>,
) => Readonly<{ traceparent: string | undefined; end(code: string): void }>;

/** Version 00; ids of zeros alone name nothing. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Measures every call until it is really over: for a stream that is its last message, its error, or its consumer's leaving,
 * whichever comes first. The outermost interceptor of a server, so that it sees the code the client gets.
 */
export function observing(options: Readonly<{ observe?: Observer; tracer?: Tracer }>): Interceptor {
  return (next) => async (request) => {
    const { service, method, contextValues } = request;
    const names = { service: service.typeName, method: method.name };
    const parent = contextValues.get(traceKey);
    const span = options.tracer?.({ ...names, system: systemOf(request), parent });
    const trace = span?.traceparent ?? parent;
    if (trace) contextValues.set(traceKey, trace);
    const startedAt = performance.now();
    let over = false;
    const end = (code: string) => {
      if (over) return;
      over = true;
      span?.end(code);
      options.observe?.({ ...names, code, seconds: (performance.now() - startedAt) / 1000 });
    };
    try {
      const response = await next(request);
      if (!response.stream) {
        end("ok");
        return response;
      }
      // The consumer may leave while a pull is pending, and then no pull ever reports it.
      request.signal.addEventListener("abort", () => end(codeName(request.signal.reason)), { once: true });
      const message = tapStream(response.message, { end: (error) => end(error ? codeName(error) : "ok") });
      return { ...response, message };
    } catch (error) {
      end(codeName(error));
      throw error;
    }
  };
}

function systemOf({ url, header }: UnaryRequest | StreamRequest): string {
  if (url.startsWith("local:")) return "local";
  const overGrpc = url.startsWith("grpc:") || header.get("content-type")?.startsWith("application/grpc");
  return overGrpc ? "grpc" : "connect_rpc";
}

/** A well-formed W3C `traceparent`, or nothing. */
export function validTrace(header: unknown): string | undefined {
  return typeof header === "string" && TRACEPARENT.test(header) ? header : undefined;
}

function codeName(error: unknown): string {
  const name = Code[ConnectError.from(error, Code.Unknown).code];
  return name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
