import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../model/chat.ts";
import type { TurnView } from "../model/turn-view.ts";

/** Tells screen readers how a turn goes in whole sentences; the streaming text itself stays silent. */
export function Announcer({ chat }: { chat: Chat }) {
  const last = chat.turns.value.at(-1);
  const running = chat.running.value !== undefined;
  const [wasRunning, setWasRunning] = useState(false);
  const [text, setText] = useState("");
  useEffect(() => {
    if (running && !wasRunning) setText("Working on the answer.");
    if (!running && wasRunning && last) setText(ending(last));
    setWasRunning(running);
  }, [running, wasRunning, last]);
  return (
    <p class="unseen" role="status">
      {text}
    </p>
  );
}

function ending({ state, timing: { calls }, citations }: TurnView): string {
  if (state !== TurnState.COMPLETED)
    return state === TurnState.FAILED ? "The turn failed." : "The answer was cut short.";
  const tools = calls.length === 0 ? "" : ` ${count(calls.length, "tool call")}.`;
  const sources = citations.length === 0 ? "" : ` ${count(citations.length, "source")}.`;
  return `Answer complete.${tools}${sources}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
