import { completeChat } from "./complete-chat.ts";
import type { ConnectionOptions } from "./connection.ts";
import type { Completion, ModelEvent, ModelRequest } from "./model-call.ts";
import type { Price } from "./settle-usage.ts";
import { streamChat } from "./stream-chat.ts";
import { openUpstream } from "./upstream.ts";

/**
 * A language model that answers chats. Expected failures are outcomes; an abort of `signal` closes the upstream
 * socket at once and throws the signal's reason. Nothing is retried here.
 */
export type Model = Readonly<{
  /** The model's name at its endpoint. */
  name: string;
  /** Tokens that fit into one request and its answer; undefined when nobody said. */
  contextTokens?: number | undefined;
  complete(request: ModelRequest, signal: AbortSignal): Promise<Completion>;
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}>;

export type ModelOptions = ConnectionOptions &
  Readonly<{ model: string; contextTokens?: number | undefined; price?: Price | undefined }>;

/** Disposing of the model closes its idle connections. */
export function createModel(options: ModelOptions): Model & AsyncDisposable {
  const upstream = openUpstream(options);
  return {
    name: options.model,
    contextTokens: options.contextTokens,
    complete: (request, signal) => completeChat(upstream, request, signal),
    stream: (request, signal) => streamChat(upstream, request, signal),
    [Symbol.asyncDispose]: () => upstream.close(),
  };
}
