import type { Logger } from "@forerun/runtime/logger";
import type { Pseudonym } from "@forerun/runtime/pseudonym";
import type { TurnObserver } from "./turns.ts";

/** The one line a turn leaves in the log: who by pseudonym, what it took, how it ended; no word of what was said. */
export function turnLines(log: Logger, nameOf: Pseudonym): TurnObserver {
  return {
    started() {},
    ended(turn, times, caller) {
      if (!turn) return;
      log.info(
        {
          turn_id: turn.turnId,
          trace_id: turn.traceId || undefined,
          tenant: nameOf(caller.tenant),
          user: nameOf(caller.subject),
          state: turn.state,
          reason: turn.reason || undefined,
          error: turn.errorCode || undefined,
          ms: times.ms,
          decided_ms: times.decidedMs,
          first_text_ms: times.firstTextMs,
          tools: turn.toolCalls.map(({ call, outcome, startMs, endMs }) => ({
            tool: call.name,
            outcome,
            ms: endMs - startMs,
          })),
          model_calls: turn.usage.modelCalls,
          input_tokens: turn.usage.inputTokens,
          output_tokens: turn.usage.outputTokens,
        },
        "turn",
      );
    },
  };
}

/** Tells each observer in turn. */
export function allOf(...observers: readonly TurnObserver[]): TurnObserver {
  return {
    started() {
      for (const observer of observers) observer.started();
    },
    ended(turn, times, caller) {
      for (const observer of observers) observer.ended(turn, times, caller);
    },
  };
}
