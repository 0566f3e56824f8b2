import type { Readable } from "node:stream";
import OpenAI from "openai";
import { Agent } from "undici";
import { createUpstreamFetch } from "./upstream-fetch.ts";

const OPENAI_URL = "https://api.openai.com/v1";

export type ConnectionOptions = Readonly<{
  /** Base URL of an OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1; undefined means OpenAI's. */
  url: string | undefined;
  /** Undefined for endpoints that ask for none. */
  key: string | undefined;
  /** Milliseconds of silence to bear: for a connection, for headers, for the first and for each further chunk. */
  timeoutMs: number;
}>;

/** One endpoint and its sockets. The SDK builds the requests; its answers carry no body, which `bodyOf` has. */
export type Connection = Readonly<{
  client: OpenAI;
  /** The body of an answer with a 2xx status. */
  bodyOf(response: Response): Readable;
  close(): Promise<void>;
}>;

export function openConnection({ url, key, timeoutMs }: ConnectionOptions): Connection {
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
  return { client, bodyOf, close: () => agent.destroy() };
}
