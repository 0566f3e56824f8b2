import { type ChatCompletion, chatCompletion, finishReason, tokenUsage } from "./chat-wire.ts";
import { JsonSpan } from "./json-span.ts";
import type { Completion, ModelRequest } from "./model-call.ts";
import { modelFailure, unreadable } from "./model-errors.ts";
import { readBody } from "./read-body.ts";
import type { Rung } from "./schema-ladder.ts";
import { settleUsage } from "./settle-usage.ts";
import { SilenceTimer } from "./silence-timer.ts";
import { TextGuard } from "./text-guard.ts";
import { argumentsOf } from "./tool-call-reading.ts";
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
    const { body, rung } = await upstream.send(request, false, silence.signal);
    const { choices, usage } = parseBody(await readBody(body, silence, MAX_BODY_BYTES));
    const [choice] = choices;
    const text = choice ? textOf(choice.message, rung) : "";
    const reported = usage ? tokenUsage(usage) : undefined;
    return {
      kind: "completed",
      text,
      finishReason: finishReason(choice?.finish_reason),
      usage: await settleUsage(reported, request, text, upstream.price),
      model: upstream.model,
    };
  } catch (fault) {
    signal.throwIfAborted();
    return modelFailure(fault, silence.expired);
  } finally {
    silence[Symbol.dispose]();
  }
}

type Message = ChatCompletion["choices"][number]["message"];

function textOf({ content, refusal, tool_calls: calls }: Message, rung: Rung): string {
  const written = content || refusal || "";
  const json = rung === "function" ? written + argumentsOf(calls ?? []) : written;
  const guard = new TextGuard();
  return guard.push(rung === "prompt" ? new JsonSpan().push(json) : json) + guard.end();
}

function parseBody(body: string): ChatCompletion {
  try {
    return chatCompletion.parse(JSON.parse(body));
  } catch {
    // The parser's message would quote the body.
    throw unreadable();
  }
}
