import { create, type DescMethod } from "@bufbuild/protobuf";
import {
  ConnectError,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type Transport,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { type CallSignal, openCall } from "./call-signal.ts";
import { DEADLINES, type Deadlines, timeoutFor } from "./deadlines.ts";
import { intercept } from "./invoke.ts";

type Request = UnaryRequest | StreamRequest;
type Response = UnaryResponse | StreamResponse;

/** Carries one call to its server. It calls `call.done()` when a stream is over; a unary call is ended for it. */
export type Carrier = (request: Request, call: CallSignal) => Promise<Response>;

export type ClientOptions = Readonly<{
  /** The client's own, outermost first. */
  clientInterceptors?: readonly Interceptor[];
  deadlines?: Deadlines;
}>;

/** What every transport does for its calls: a deadline and a signal, full messages, interceptors, errors of one kind. */
export function transportOver(authority: string, carry: Carrier, options: ClientOptions): Transport {
  const deadlines = options.deadlines ?? DEADLINES;
  const interceptors = options.clientInterceptors ?? [];

  const open = async (
    method: DescMethod,
    body: Readonly<{ stream: boolean; message: unknown }>,
    ...[signal, timeoutMs, header, contextValues]: CallArguments
  ): Promise<Response> => {
    const call = openCall(signal, timeoutFor(deadlines, body.stream, timeoutMs));
    const request = {
      ...body,
      method,
      service: method.parent,
      requestMethod: "POST",
      url: `${authority}/${method.parent.typeName}/${method.name}`,
      header: new Headers(header),
      signal: call.signal,
      contextValues: contextValues ?? createContextValues(),
    } as Request;
    try {
      if (call.signal.aborted) throw call.reason();
      const response = await intercept((sent) => carry(sent, call), interceptors)(request);
      if (!response.stream) call.done();
      return response;
    } catch (error) {
      call.done();
      throw ConnectError.from(error);
    }
  };

  return {
    unary: (method, signal, timeoutMs, header, input, values) =>
      open(
        method,
        { stream: false, message: create(method.input, input) },
        signal,
        timeoutMs,
        header,
        values,
      ) as Promise<UnaryResponse<typeof method.input, typeof method.output>>,
    stream: (method, signal, timeoutMs, header, input, values) =>
      open(method, { stream: true, message: input }, signal, timeoutMs, header, values) as Promise<
        StreamResponse<typeof method.input, typeof method.output>
      >,
  };
}

type CallArguments = [
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  header: HeadersInit | undefined,
  contextValues: UnaryRequest["contextValues"] | undefined,
];
