import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { ClientCall } from "@forerun/contracts/forerun/common/v1/common_pb";
import {
  completionId,
  completionUsage,
  createdSeconds,
  finishReason,
  toolCalls,
  withoutAnswer,
} from "./completion.ts";

type Options = { model: string; includeUsage: boolean };

/** A turn's events as `chat.completion.chunk`s, ending with the finish reason and, when asked for, the usage. */
export async function* completionChunks(
  events: AsyncIterable<TurnEvent>,
  options: Options,
): AsyncGenerator<object> {
  let begun: Turn | undefined;
  let written = false;
  let called = false;
  for await (const { event } of events) {
    switch (event.case) {
      case "turnCreated":
        begun = event.value.turn;
        if (begun) yield chunk(begun, options, { role: "assistant", content: "", refusal: null });
        break;
      case "outputTextDelta":
        written = true;
        if (begun) yield chunk(begun, options, { content: event.value.text });
        break;
      case "clientCallsRequested":
        called = true;
        if (begun) yield chunk(begun, options, callsDelta(event.value.calls));
        break;
      case "outputReset":
        // This protocol has no way to take text back.
        if (written)
          throw withoutAnswer("unavailable", "the answer was begun anew after part of it was sent");
        break;
      case "turnCompleted":
      case "turnIncomplete":
      case "turnFailed":
      case "turnCancelled":
        if (event.value.turn) yield* ending(event.value.turn, options, { written, called });
        return;
    }
  }
  throw withoutAnswer("unavailable", "the turn's events ended before the turn");
}

function* ending(
  turn: Turn,
  options: Options,
  sent: { written: boolean; called: boolean },
): Generator<object> {
  const reason = finishReason(turn);
  // An answer that came without deltas, for example one replayed by its key from the turn's row.
  if (!sent.written && turn.text) yield chunk(turn, options, { content: turn.text });
  if (!sent.called && turn.clientCalls.length > 0) yield chunk(turn, options, callsDelta(turn.clientCalls));
  yield chunk(turn, options, {}, reason);
  if (options.includeUsage) yield { ...envelope(turn, options), choices: [], usage: completionUsage(turn) };
}

/** Each call in one piece: its arguments are checked before they are sent. */
function callsDelta(calls: readonly ClientCall[]): object {
  return { tool_calls: toolCalls(calls).map((call, index) => ({ index, ...call })) };
}

function chunk(turn: Turn, options: Options, delta: object, finish: string | null = null): object {
  return {
    ...envelope(turn, options),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(options.includeUsage && { usage: null }),
  };
}

function envelope(turn: Turn, { model }: Options): object {
  return { id: completionId(turn), object: "chat.completion.chunk", created: createdSeconds(turn), model };
}
