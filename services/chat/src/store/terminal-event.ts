import type { Turn } from "../turn.ts";
import type { TerminalEventBody, TurnEventBody } from "../turn-event.ts";

export function isTerminal(body: TurnEventBody): body is TerminalEventBody {
  switch (body.kind) {
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return true;
    default:
      return false;
  }
}

/** The event that ends the turn as it stands. */
export function terminalEvent(turn: Turn): TerminalEventBody {
  switch (turn.state) {
    case "completed":
      return { kind: "turnCompleted", turn };
    case "incomplete":
      return { kind: "turnIncomplete", turn };
    case "failed":
      return { kind: "turnFailed", turn };
    case "cancelled":
      return { kind: "turnCancelled", turn };
    default:
      throw new Error(`a turn cannot end as ${turn.state}`);
  }
}
