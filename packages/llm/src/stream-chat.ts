import type { Readable } from "node:stream";
import type { ModelEvent, ModelRequest } from "./model-call.ts";
import { brokenOff, modelFailure, unreadable } from "./model-errors.ts";
import { settleUsage } from "./settle-usage.ts";
import { SilenceTimer } from "./silence-timer.ts";
import { SseLimitError, SseParser } from "./sse-parser.ts";
import { type Closing, StreamReading } from "./stream-reading.ts";
import type { Sent, Upstream } from "./upstream.ts";
import { discard } from "./upstream-fetch.ts";

const MAX_EVENT_CHARACTERS = 1 << 20;
/** How long usage and the end mark may take once the text is whole. */
const AFTER_FINISH_MS = 1_000;

/** Streams one answer; see {@link Model} for what an abort does. Leaving the stream early closes the socket too. */
export async function* streamChat(
  upstream: Upstream,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  signal.throwIfAborted();
  const silence = new SilenceTimer(upstream.timeoutMs, signal);
  try {
    const sent = await upstream.send(request, true, silence.signal);
    silence.refresh();
    const closing = yield* readBody(sent, silence);
    yield await done(closing, request, upstream);
  } catch (fault) {
    signal.throwIfAborted();
    yield modelFailure(fault, silence.expired);
  } finally {
    silence[Symbol.dispose]();
  }
}

async function done(
  { finishReason, reported, text, toolCalls }: Closing,
  request: ModelRequest,
  { model, price }: Upstream,
): Promise<ModelEvent> {
  const written = toolCalls.length === 0 ? text : text + JSON.stringify(toolCalls);
  const usage = await settleUsage(reported, request, written, price);
  return { kind: "done", finishReason, usage, model, ...(toolCalls.length > 0 && { toolCalls }) };
}

async function* readBody({ body, rung }: Sent, silence: SilenceTimer): AsyncGenerator<ModelEvent, Closing> {
  const reading = new StreamReading(rung);
  let whole = false;
  try {
    yield* readTexts(body, reading, silence);
    const closing = reading.end();
    whole = true;
    return closing;
  } finally {
    // A whole answer leaves its connection to the next call.
    if (whole) discard(body);
    else body.destroy();
  }
}

async function* readTexts(
  body: Readable,
  reading: StreamReading,
  silence: SilenceTimer,
): AsyncGenerator<ModelEvent> {
  const parser = new SseParser(MAX_EVENT_CHARACTERS);
  try {
    for await (const bytes of body.iterator({ destroyOnReturn: false })) {
      silence.refresh();
      yield* textOf(parser.push(bytes), reading, silence);
      if (reading.ended) return;
      if (reading.finished) silence.expireWithin(AFTER_FINISH_MS);
    }
  } catch (fault) {
    if (fault instanceof SseLimitError) throw unreadable(fault);
    // A lost connection after the whole text costs no more than the usage.
    if (!reading.finished) throw broken(fault, silence);
    return;
  }
  yield* textOf(parser.end(), reading, silence);
}

function* textOf(
  events: readonly string[],
  reading: StreamReading,
  silence: SilenceTimer,
): Generator<ModelEvent> {
  for (const data of events) reading.take(data);
  const text = reading.takeText();
  if (text === "") return;
  silence.hold();
  yield { kind: "text", text };
  silence.release();
}

/** Socket errors in mid-stream come as undici's; ours pass. */
function broken(fault: unknown, silence: SilenceTimer): unknown {
  const ours = fault instanceof Error && "status" in fault;
  return ours || silence.expired ? fault : brokenOff(fault);
}
