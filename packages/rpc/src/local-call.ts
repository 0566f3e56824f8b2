import type { DescMessage, Message } from "@bufbuild/protobuf";
import { ConnectError, type Interceptor, type StreamResponse, type UnaryResponse } from "@connectrpc/connect";
import type { Logger } from "@forerun/runtime/logger";
import type { Binding } from "./binding.ts";
import type { CallSignal } from "./call-signal.ts";
import { deferred } from "./deferred.ts";
import { wireError } from "./hide-faults.ts";
import { emptyHeaders, type Incoming, invoke } from "./invoke.ts";
import type { Carry } from "./local-payload.ts";
import { MessageQueue } from "./message-queue.ts";
import { pump } from "./pump.ts";

export type LocalServer = Readonly<{ interceptors: readonly Interceptor[]; carry: Carry; log: Logger }>;

/** Messages a side may be ahead of the other. Without any lead, a client that waits for an answer inside its requests would hang. */
const LEAD = 16;

export async function serveUnary(
  server: LocalServer,
  binding: Binding,
  incoming: Incoming,
  input: Message,
): Promise<UnaryResponse> {
  const { method, service, call } = incoming;
  const headers = emptyHeaders();
  const work = async () => {
    const request = server.carry(method.input, input);
    const response = await invoke(binding, incoming, request, server.interceptors, headers);
    return carryOut(server, incoming, response.message as Message);
  };
  const message = await untilEnd(work(), call);
  return { stream: false, message, method, service, ...headers } as UnaryResponse;
}

/**
 * Runs the handler from the start, as a network server would, not only when the client begins to read. Either side may be
 * ahead of the other by a few messages.
 */
export async function serveStream(
  server: LocalServer,
  binding: Binding,
  incoming: Incoming,
  input: AsyncIterable<Message>,
): Promise<StreamResponse> {
  const { method, service, call } = incoming;
  const headers = emptyHeaders();
  const responses = new MessageQueue<Message>(LEAD);
  const started = deferred<void>();
  call.signal.addEventListener("abort", () => {
    responses.fail(call.reason());
    started.resolve();
  });
  const requests = requestsOf(server, incoming, input);
  const run = async () => {
    const response = await invoke(binding, incoming, requests, server.interceptors, headers);
    const ended = await pump(response.message as AsyncIterable<Message>, call.signal, (message) => {
      const room = responses.push(carryOut(server, incoming, message));
      started.resolve();
      return room;
    });
    if (ended) responses.end();
  };
  run()
    .catch((error: unknown) => responses.fail(ConnectError.from(error), "queued"))
    .finally(() => {
      started.resolve();
      call.done();
    });
  await started.promise;
  return { stream: true, message: responses, method, service, ...headers } as StreamResponse;
}

function requestsOf(
  server: LocalServer,
  incoming: Incoming,
  input: AsyncIterable<Message>,
): AsyncIterable<Message> {
  const { method, call } = incoming;
  const queue = new MessageQueue<Message>(LEAD);
  call.signal.addEventListener("abort", () => queue.fail(call.reason()));
  // What the client's own iterable throws ends its call, as a reset stream does.
  pump(input, call.signal, (message) => queue.push(server.carry(method.input, message))).then(
    (ended) => {
      if (ended) queue.end();
    },
    (error: unknown) => call.abort(ConnectError.from(error)),
  );
  return queue;
}

function carryOut(server: LocalServer, incoming: Incoming, message: Message): Message {
  const { method, call } = incoming;
  try {
    return server.carry(method.output as DescMessage, message);
  } catch (error) {
    throw error instanceof ConnectError ? error : wireError(error, call.signal, server.log, method.name);
  }
}

/** A handler may ignore its signal; its client does not wait for it. */
async function untilEnd<T>(work: Promise<T>, call: CallSignal): Promise<T> {
  const { signal } = call;
  const ended = deferred<never>();
  const stop = () => ended.reject(call.reason());
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
