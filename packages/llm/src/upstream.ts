import type { Readable } from "node:stream";
import { chatBody } from "./chat-wire.ts";
import { openConnection } from "./connection.ts";
import type { ModelOptions } from "./model.ts";
import type { ModelRequest } from "./model-call.ts";
import { onRung, type Rung, SchemaLadder } from "./schema-ladder.ts";
import type { Price } from "./settle-usage.ts";

/** A request that was taken: the body of the 2xx answer, and how a schema was asked for. */
export type Sent = Readonly<{ body: Readable; rung: Rung }>;

/** One OpenAI-compatible endpoint and its connections. */
export type Upstream = Readonly<{
  model: string;
  price: Price | undefined;
  timeoutMs: number;
  /** Sends a request in the way the endpoint takes it; throws the SDK's errors. An abort closes the socket. */
  send(request: ModelRequest, stream: boolean, signal: AbortSignal): Promise<Sent>;
  close(): Promise<void>;
}>;

export function openUpstream(options: ModelOptions): Upstream {
  const { client, bodyOf, close } = openConnection(options);
  const { model, price, timeoutMs } = options;
  const ladder = new SchemaLadder();
  const post = async (request: ModelRequest, stream: boolean, signal: AbortSignal) => {
    const body = chatBody(model, request, options.url !== undefined);
    const call = stream
      ? client.chat.completions.create(
          { ...body, stream, stream_options: { include_usage: true } },
          { signal },
        )
      : client.chat.completions.create({ ...body, stream }, { signal });
    return bodyOf(await call.asResponse());
  };
  return {
    model,
    price,
    timeoutMs,
    async send(request, stream, signal) {
      for (let rung = ladder.rungFor(request); ; ) {
        try {
          return { body: await post(onRung(rung, request), stream, signal), rung };
        } catch (fault) {
          const below = ladder.below(rung, request, fault);
          if (below === undefined) throw fault;
          rung = below;
        }
      }
    },
    close,
  };
}
