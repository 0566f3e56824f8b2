import type { Readable } from "node:stream";
import { chatBody } from "./chat-wire.ts";
import { openConnection } from "./connection.ts";
import type { ModelOptions } from "./model.ts";
import type { ModelRequest } from "./model-call.ts";
import type { Price } from "./settle-usage.ts";

/** One OpenAI-compatible endpoint and its connections. */
export type Upstream = Readonly<{
  model: string;
  price: Price | undefined;
  timeoutMs: number;
  /** Sends a request and returns the body of a 2xx answer; throws the SDK's errors. An abort closes the socket. */
  send(request: ModelRequest, stream: boolean, signal: AbortSignal): Promise<Readable>;
  close(): Promise<void>;
}>;

export function openUpstream(options: ModelOptions): Upstream {
  const { client, bodyOf, close } = openConnection(options);
  const { model, price, timeoutMs } = options;
  return {
    model,
    price,
    timeoutMs,
    async send(request, stream, signal) {
      const body = chatBody(model, request, options.url !== undefined);
      const call = stream
        ? client.chat.completions.create(
            { ...body, stream, stream_options: { include_usage: true } },
            { signal },
          )
        : client.chat.completions.create({ ...body, stream }, { signal });
      return bodyOf(await call.asResponse());
    },
    close,
  };
}
