import { chatCompletion, finishReason, tokenUsage, writtenText } from "./chat-wire.ts";
import { type Completion, type ModelRequest, NO_TOKENS } from "./model-call.ts";
import { modelError, unreadable } from "./model-errors.ts";
import { readBody } from "./read-body.ts";
import { SilenceTimer } from "./silence-timer.ts";
import { TextGuard } from "./text-guard.ts";
import type { Upstream } from "./upstream.ts";

const MAX_BODY_BYTES = 4 << 20;

/** One answer in one piece; see {@link Model} for what an abort does. */
export async function completeChat(
  upstream: Upstream,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<Completion> {
  signal.throwIfAborted();
  const silence = new SilenceTimer(upstream.timeoutMs, signal);
  try {
    const body = await upstream.send(request, false, silence.signal);
    return parseCompletion(await readBody(body, silence, MAX_BODY_BYTES));
  } catch (fault) {
    signal.throwIfAborted();
    return { kind: "failed", error: modelError(fault, silence.expired) };
  } finally {
    silence[Symbol.dispose]();
  }
}

function parseCompletion(body: string): Completion {
  const completion = parseBody(body);
  const choice = completion.choices[0];
  const guard = new TextGuard();
  return {
    kind: "completed",
    text: guard.push(writtenText(choice?.message)) + guard.end(),
    finishReason: finishReason(choice?.finish_reason),
    usage: completion.usage ? tokenUsage(completion.usage) : NO_TOKENS,
  };
}

function parseBody(body: string) {
  try {
    return chatCompletion.parse(JSON.parse(body));
  } catch {
    // The parser's message would quote the body.
    throw unreadable();
  }
}
