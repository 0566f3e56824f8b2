/** A turn as the page shows it, folded from its events. */
import type { Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Citation, Usage } from "@forerun/contracts/forerun/common/v1/common_pb";
import { NO_TIMING, type TurnTiming, timingOfTurn } from "@forerun/timeline/turn-timing";

export type TurnView = {
  /** Empty until the server has accepted the turn. */
  turnId: string;
  conversationId: string;
  /** Empty for a turn that is not traced. */
  traceId: string;
  question: string;
  answer: string;
  state: TurnState;
  citations: Citation[];
  usage: Usage | undefined;
  reason: string;
  errorCode: string;
  retryable: boolean;
  /** Its calls, and when it reached what. */
  timing: TurnTiming;
  /** The last event that was seen, to go on from after a break. */
  cursor: { epoch: number; sequence: number };
};

export function newTurnView(question: string, state: TurnState): TurnView {
  return {
    turnId: "",
    conversationId: "",
    traceId: "",
    question,
    answer: "",
    state,
    citations: [],
    usage: undefined,
    reason: "",
    errorCode: "",
    retryable: false,
    timing: NO_TIMING,
    cursor: { epoch: 0, sequence: 0 },
  };
}

/** The view with everything that a Turn states; what only events tell stays as it was. */
export function withTurn(view: TurnView, turn: Turn): TurnView {
  return {
    ...view,
    turnId: turn.turnId,
    conversationId: turn.conversationId,
    traceId: turn.traceId,
    answer: turn.text,
    state: turn.state,
    citations: turn.citations,
    usage: turn.usage,
    reason: turn.reason,
    errorCode: turn.errorCode,
    retryable: turn.retryable,
    timing: timingOfTurn(view.timing, turn),
  };
}
