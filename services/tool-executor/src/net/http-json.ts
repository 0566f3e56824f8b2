import { Agent, request } from "undici";
import { unreachableReason } from "./unreachable-reason.ts";

export type JsonReply =
  | { kind: "ok"; body: unknown }
  /** The service answered that it will not: `reason` is its own text, cut short, where it gave one. */
  | { kind: "refused"; status: number; reason: string }
  /** No usable answer; the reason reads as the end of "The weather service …". */
  | { kind: "unreachable"; reason: string };

export type HttpLimits = Readonly<{ connectMs: number; silenceMs: number; maxBytes: number }>;

const LIMITS: HttpLimits = { connectMs: 1_500, silenceMs: 4_000, maxBytes: 1_048_576 };
const MAX_REASON = 200;

/** Gets JSON over HTTP, bounded in time and size. Redirects are not followed: they could lead anywhere. */
export class HttpJson implements AsyncDisposable {
  readonly #limits: HttpLimits;
  readonly #agent: Agent;

  constructor(limits: HttpLimits = LIMITS) {
    this.#limits = limits;
    this.#agent = new Agent({
      connect: { timeout: limits.connectMs },
      headersTimeout: limits.silenceMs,
      bodyTimeout: limits.silenceMs,
      connections: 16,
    });
  }

  /** Rejects only when `signal` aborts. */
  async get(url: URL, signal: AbortSignal): Promise<JsonReply> {
    try {
      const headers = { accept: "application/json", "accept-encoding": "identity", "user-agent": "forerun" };
      const { statusCode, body } = await request(url, { dispatcher: this.#agent, signal, headers });
      const text = await readText(body, this.#limits.maxBytes);
      if (text === undefined) return { kind: "unreachable", reason: "sent far more than it should" };
      return replyOf(statusCode, text);
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "unreachable", reason: unreachableReason(error) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

/** The body as text; undefined when it is longer than allowed, which also ends the connection. */
async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop destroys the body.
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function replyOf(status: number, text: string): JsonReply {
  if (status >= 500) return { kind: "unreachable", reason: `answered with an error of its own (${status})` };
  if (status === 429) return { kind: "unreachable", reason: "asks to slow down (429)" };
  if (status >= 300 && status < 400)
    return { kind: "unreachable", reason: `sends elsewhere (${status}), which is not followed` };
  const body = parse(text);
  if (body === undefined) return { kind: "unreachable", reason: "answered something that is not JSON" };
  if (status >= 400) return { kind: "refused", status, reason: reasonIn(body) };
  return { kind: "ok", body };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the service says of its refusal, as one short line: it is somebody else's text. */
function reasonIn(body: unknown): string {
  const reason = textIn(body, "reason") ?? textIn(body, "message") ?? "";
  return reason
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_REASON)
    .toWellFormed();
}

function textIn(body: unknown, key: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const text: unknown = Object.entries(body).find(([name]) => name === key)?.[1];
  return typeof text === "string" ? text : undefined;
}
