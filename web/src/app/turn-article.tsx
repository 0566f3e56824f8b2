import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { useSignal } from "@preact/signals";
import type { Chat } from "../model/chat.ts";
import { hasEnded } from "../model/fold-event.ts";
import type { TurnView } from "../model/turn-view.ts";
import { Answer } from "./answer.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Icon } from "./icon.tsx";
import { Sources } from "./sources.tsx";
import { TimelineTable } from "./timeline-table.tsx";
import { ToolRows } from "./tool-rows.tsx";
import { TurnFacts } from "./turn-facts.tsx";

/** One turn: the question, the tools at work, the answer with its sources, and how the time was spent. */
export function TurnArticle({ chat, turn }: { chat: Chat; turn: TurnView }) {
  const timeline = useSignal(false);
  const ended = hasEnded(turn);
  return (
    <article class="turn">
      <h2 class="unseen">You</h2>
      <p class="question">{turn.question}</p>
      <h2 class="unseen">Forerun</h2>
      <ToolRows calls={turn.timing.calls} />
      {turn.answer ? <Answer text={turn.answer} open={!ended} /> : !ended && <p class="thinking">Working</p>}
      <Ending chat={chat} turn={turn} />
      <Sources citations={turn.citations} />
      {ended && (
        <footer class="turn-foot">
          <TurnFacts turn={turn} />
          <CopyButton text={turn.answer} label="Copy the answer" />
          <button
            type="button"
            class="quiet"
            aria-expanded={timeline.value}
            onClick={() => {
              timeline.value = !timeline.value;
              if (timeline.value) void chat.loadEvents(turn.turnId);
            }}
          >
            <Icon name="bars" />
            Timeline
          </button>
        </footer>
      )}
      {ended && timeline.value && <TimelineTable timing={turn.timing} traceId={turn.traceId} />}
    </article>
  );
}

const REASONS: Record<string, string> = {
  max_tokens: "The answer reached its length limit.",
  deadline: "The turn ran out of time.",
  quota: "The token quota is used up.",
  guardrail: "A guardrail held the answer back.",
};

const FAILURES: Record<string, string> = {
  unavailable: "A service or model that this needed could not be reached.",
  resource_exhausted: "A limit of the model or of a service is used up.",
  deadline_exceeded: "The turn ran out of time.",
  internal: "The turn failed by an internal error; the server's log has its cause.",
};

/** Says why a turn ended otherwise than with a whole answer, and offers the next step. */
function Ending({ chat, turn }: { chat: Chat; turn: TurnView }) {
  const text = endingText(turn);
  if (!text) return null;
  return (
    <p class="ending">
      {text}
      <button
        type="button"
        disabled={chat.running.value !== undefined}
        onClick={() => void chat.send(turn.question)}
      >
        Ask again
      </button>
    </p>
  );
}

function endingText({ state, reason, errorCode }: TurnView): string | undefined {
  switch (state) {
    case TurnState.INCOMPLETE:
      return REASONS[reason] ?? "The answer is not complete.";
    case TurnState.FAILED:
      return FAILURES[errorCode] ?? "The turn failed.";
    case TurnState.CANCELLED:
      return reason === "user" ? "You stopped this answer." : "This answer was stopped.";
    default:
      return undefined;
  }
}
