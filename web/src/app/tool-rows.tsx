import { duration } from "../model/timeline.ts";
import type { CallState, CallView } from "../model/turn-view.ts";
import { Icon, type IconName } from "./icon.tsx";

const STATES: Record<CallState, { icon: IconName; word: string }> = {
  running: { icon: "clock", word: "running" },
  done: { icon: "check", word: "done" },
  failed: { icon: "cross", word: "failed" },
  cancelled: { icon: "dash", word: "stopped" },
  denied: { icon: "cross", word: "refused" },
  discarded: { icon: "dash", word: "discarded" },
};

/** The tool calls of a turn, each with state, result and time; arguments and output open beneath. */
export function ToolRows({ calls }: { calls: readonly CallView[] }) {
  if (calls.length === 0) return null;
  return (
    <ul class="tools" aria-label="Tool calls">
      {calls.map((call) => (
        <li key={call.callId}>
          <ToolRow call={call} />
        </li>
      ))}
    </ul>
  );
}

function ToolRow({ call }: { call: CallView }) {
  const { icon, word } = STATES[call.state];
  return (
    <details class={`tool ${call.state}`}>
      <summary>
        <span class="tool-state">
          <Icon name={icon} />
          <span class="unseen">{word}</span>
        </span>
        <span class="tool-name">{call.name}</span>
        <span class="tool-result">{resultOf(call) || word}</span>
        {call.endMs !== undefined && <span class="tool-time">{duration(call.endMs - call.startMs)}</span>}
      </summary>
      <dl>
        <dt>Arguments</dt>
        <dd>
          <Json value={call.arguments} />
        </dd>
        {call.output !== undefined && (
          <>
            <dt>Output</dt>
            <dd>
              <Json value={call.output} />
            </dd>
          </>
        )}
        {call.error && (
          <>
            <dt>Cause</dt>
            <dd>{call.error}</dd>
          </>
        )}
      </dl>
    </details>
  );
}

function resultOf({ rendered, error, arguments: args }: CallView): string {
  if (rendered || error) return rendered || error;
  return Object.entries(args)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

function Json({ value }: { value: unknown }) {
  return (
    <pre>
      <code>{JSON.stringify(value, null, 2)}</code>
    </pre>
  );
}
