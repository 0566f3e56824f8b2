import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { ChatRequest } from "./chat-request.ts";
import { type CompletionHead, chunk, streamTail, tokensOf, wholeCompletion } from "./completion.ts";
import type { Reply, Step } from "./script.ts";
import { callDeltas, toolCallsOf } from "./tool-calls.ts";

type Pace = Pick<Step, "first_token_ms" | "token_ms">;

/** One request on its way to its answer. `signal` aborts when the socket is gone. */
export type Exchange = Readonly<{
  request: ChatRequest;
  response: ServerResponse;
  head: CompletionHead;
  pace: Pace;
  signal: AbortSignal;
}>;

/** Answers as the step says; returns when all is written, or throws when the client leaves first. */
export async function sendReply(reply: Reply, exchange: Exchange): Promise<void> {
  const { response, pace, signal } = exchange;
  if ("hang" in reply) return hang(reply, exchange);
  await pause(pace.first_token_ms, signal);
  if ("json" in reply) return sendText(JSON.stringify(reply.json), "stop", exchange);
  if ("calls" in reply) return sendCalls(reply, exchange);
  if ("text" in reply) return sendText(reply.text, reply.finish_reason, exchange);
  if ("half" in reply) return sendHalf(reply.half, exchange);
  if ("raw" in reply) return sendRaw(reply.raw, exchange);
  const retryAfter = reply.retry_after === undefined ? {} : { "retry-after": String(reply.retry_after) };
  response.writeHead(reply.status, { "content-type": "application/json", ...retryAfter });
  response.end(reply.body ?? errorBody(`scripted status ${reply.status}`, "scripted"));
}

export function errorBody(message: string, type: string): string {
  return JSON.stringify({ error: { message, type, param: null, code: null } });
}

async function sendText(text: string, finish: string, exchange: Exchange): Promise<void> {
  const { request, response, head } = exchange;
  if (!request.stream) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(wholeCompletion(head, request, text, finish)));
    return;
  }
  await streamTokens(tokensOf(text), exchange);
  response.end(streamTail(head, request, text, finish));
}

async function sendCalls(
  { calls, text }: Extract<Reply, { calls: unknown }>,
  exchange: Exchange,
): Promise<void> {
  const { request, response, head, pace, signal } = exchange;
  const toolCalls = toolCallsOf(calls, head);
  const finish = "tool_calls";
  if (!request.stream) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(wholeCompletion(head, request, text, finish, toolCalls)));
    return;
  }
  await streamTokens(tokensOf(text), exchange);
  for (const delta of callDeltas(toolCalls)) {
    await pause(pace.token_ms, signal);
    await write(response, chunk(head, { tool_calls: [delta] }, null), signal);
  }
  response.end(streamTail(head, request, text, finish));
}

async function streamTokens(tokens: readonly string[], exchange: Exchange): Promise<void> {
  const { response, head, pace, signal } = exchange;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  await write(response, chunk(head, { role: "assistant", content: "" }, null), signal);
  for (const [index, content] of tokens.entries()) {
    if (index > 0) await pause(pace.token_ms, signal);
    await write(response, chunk(head, { content }, null), signal);
  }
}

/** A stream that breaks off; of a whole completion the first part of its bytes is sent. */
async function sendHalf(half: Extract<Reply, { half: unknown }>["half"], exchange: Exchange): Promise<void> {
  const { request, response, head, signal } = exchange;
  if (request.stream) {
    const tokens = tokensOf(half.text);
    await streamTokens(tokens.slice(0, Math.floor(tokens.length * half.at)), exchange);
  } else {
    const body = JSON.stringify(wholeCompletion(head, request, half.text, "stop"));
    response.writeHead(200, { "content-type": "application/json" });
    await write(response, body.slice(0, Math.floor(body.length * half.at)), signal);
  }
  breakOff(response, half.close);
}

function breakOff(response: ServerResponse, close: "reset" | "fin" | "end"): void {
  // Lets what was written leave first, so that the share which arrives is the one the script names.
  setImmediate(() => {
    if (close === "end") response.end();
    else if (close === "fin") response.socket?.end();
    else response.socket?.resetAndDestroy();
  });
}

async function sendRaw(raw: Extract<Reply, { raw: unknown }>["raw"], exchange: Exchange): Promise<void> {
  const { response, pace, signal } = exchange;
  response.writeHead(raw.status, { "content-type": raw.content_type });
  for (const [index, part] of raw.parts.entries()) {
    if (index > 0) await pause(pace.token_ms, signal);
    await write(response, typeof part === "string" ? part : Buffer.from(part.base64, "base64"), signal);
  }
  response.end();
}

/** Stops at the named point and keeps the socket open until the client leaves. */
async function hang(reply: Extract<Reply, { hang: unknown }>, exchange: Exchange): Promise<void> {
  const { response, pace, signal } = exchange;
  if (reply.hang !== "headers") {
    await pause(pace.first_token_ms, signal);
    const tokens = reply.hang === "tokens" ? tokensOf(reply.text) : [];
    await streamTokens(tokens, exchange);
    response.flushHeaders();
  }
  await once(signal, "abort");
}

async function write(
  response: ServerResponse,
  data: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(data)) await once(response, "drain", { signal });
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { signal });
}
