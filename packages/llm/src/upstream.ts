import type { Readable } from "node:stream";
import OpenAI from "openai";
import { Agent } from "undici";
import { chatBody } from "./chat-wire.ts";
import type { ModelOptions } from "./model.ts";
import type { ModelRequest } from "./model-call.ts";
import { createUpstreamFetch } from "./upstream-fetch.ts";

const OPENAI_URL = "https://api.openai.com/v1";

/** One OpenAI-compatible endpoint and its connections. */
export type Upstream = Readonly<{
  timeoutMs: number;
  /** Sends a request and returns the body of a 2xx answer; throws the SDK's errors. An abort closes the socket. */
  send(request: ModelRequest, stream: boolean, signal: AbortSignal): Promise<Readable>;
  close(): Promise<void>;
}>;

export function openUpstream({ url, key, model, timeoutMs }: ModelOptions): Upstream {
  // Silence is watched by the call itself, in one place: undici's own timers are off.
  const agent = new Agent({ connect: { timeout: timeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
  const { fetch, bodyOf } = createUpstreamFetch(agent);
  const client = new OpenAI({
    // Explicit values keep the SDK from reading environment variables of its own.
    baseURL: url ?? OPENAI_URL,
    // The SDK insists on a key; local endpoints ignore it.
    apiKey: key ?? "none",
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: "off",
    fetch,
  });
  return {
    timeoutMs,
    async send(request, stream, signal) {
      const body = chatBody(model, request, url !== undefined);
      const call = stream
        ? client.chat.completions.create(
            { ...body, stream, stream_options: { include_usage: true } },
            { signal },
          )
        : client.chat.completions.create({ ...body, stream }, { signal });
      return bodyOf(await call.asResponse());
    },
    close: () => agent.destroy(),
  };
}
