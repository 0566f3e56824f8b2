import { chatCompletion, finishReason, tokenUsage, writtenText } from "./chat-wire.ts";
import type { Completion, ModelRequest } from "./model-call.ts";
import { modelFailure, unreadable } from "./model-errors.ts";
import { readBody } from "./read-body.ts";
import { settleUsage } from "./settle-usage.ts";
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
    return await completionOf(await readBody(body, silence, MAX_BODY_BYTES), request, upstream);
  } catch (fault) {
    signal.throwIfAborted();
    return modelFailure(fault, silence.expired);
  } finally {
    silence[Symbol.dispose]();
  }
}

async function completionOf(
  body: string,
  request: ModelRequest,
  { model, price }: Upstream,
): Promise<Completion> {
  const { choices, usage } = parseBody(body);
  const [choice] = choices;
  const guard = new TextGuard();
  const text = guard.push(writtenText(choice?.message)) + guard.end();
  return {
    kind: "completed",
    text,
    finishReason: finishReason(choice?.finish_reason),
    usage: await settleUsage(usage ? tokenUsage(usage) : undefined, request, text, price),
    model,
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
