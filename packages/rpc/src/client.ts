import type { DescMethod, DescMethodStreaming, DescService, MessageInitShape } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type Client,
  Code,
  ConnectError,
  createClient,
  makeAnyClient,
  type Transport,
} from "@connectrpc/connect";
import { readTextExactly } from "./exact-text.ts";

type Input = MessageInitShape<DescMethod["input"]>;

/**
 * A typed client whose streams end the call when their consumer leaves: `break`, a throw in the loop, or `return()`.
 * Connect's own client drops `return()`, so that the server would work on for nobody.
 */
export function createMeshClient<Desc extends DescService>(
  service: Desc,
  transport: Transport,
): Client<Desc> {
  readTextExactly();
  const plain = createClient(service, transport) as Record<string, (...args: never[]) => unknown>;
  return makeAnyClient(service, (method) => {
    switch (method.methodKind) {
      case "server_streaming":
        return (input: Input, options?: CallOptions) => openStream(transport, method, once(input), options);
      case "bidi_streaming":
        return (input: AsyncIterable<Input>, options?: CallOptions) =>
          openStream(transport, method, input, options);
      default:
        return plain[method.localName] ?? null;
    }
  }) as Client<Desc>;
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function openStream(
  transport: Transport,
  method: DescMethodStreaming,
  input: AsyncIterable<Input>,
  options: CallOptions = {},
): AsyncIterable<unknown> {
  const leave = new AbortController();
  const follow = () => leave.abort(options.signal?.reason);
  if (options.signal?.aborted) follow();
  else options.signal?.addEventListener("abort", follow, { once: true });
  const release = () => options.signal?.removeEventListener("abort", follow);
  const response = transport.stream(
    method,
    leave.signal,
    options.timeoutMs,
    options.headers,
    input,
    options.contextValues,
  );
  // The consumer meets the rejection at its first pull, which may come later than the rejection or never.
  response.catch(release);
  return { [Symbol.asyncIterator]: () => consume(response, options, leave, release) };
}

function consume(
  response: ReturnType<Transport["stream"]>,
  options: CallOptions,
  leave: AbortController,
  release: () => void,
): AsyncIterator<unknown> {
  let trailer: Headers | undefined;
  let messages: AsyncIterator<unknown> | undefined;
  const opened = response.then((opening) => {
    options.onHeader?.(opening.header);
    trailer = opening.trailer;
    messages = opening.message[Symbol.asyncIterator]();
    return messages;
  });
  opened.catch(release);
  const pull = async (source: AsyncIterator<unknown>) => {
    try {
      const result = await source.next();
      if (result.done) {
        release();
        if (trailer) options.onTrailer?.(trailer);
      }
      return result;
    } catch (error) {
      release();
      throw error;
    }
  };
  return {
    next: () => (messages ? pull(messages) : opened.then(pull)),
    return: async () => {
      leave.abort(new ConnectError("the consumer left the stream", Code.Canceled));
      release();
      // Connect stops the call's timer only when a pull meets the end; a forgotten one keeps the process alive.
      messages?.next().catch(() => {});
      return { done: true, value: undefined };
    },
  };
}
