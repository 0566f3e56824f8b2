import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { Outcome, type ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";
import { outcomeOf } from "@forerun/timeline/call-outcome";
import { duration } from "@forerun/timeline/duration";
import { CallSign } from "./call-sign.tsx";

/** The tool calls of a turn, each with state, result and time; arguments and output open beneath. */
export function ToolRows({ calls }: { calls: readonly ToolCallRecord[] }) {
  if (calls.length === 0) return null;
  return (
    <ul class="tools" aria-label="Tool calls">
      {calls.map((record) => (
        <li key={record.call?.callId}>
          <ToolRow record={record} />
        </li>
      ))}
    </ul>
  );
}

function ToolRow({ record }: { record: ToolCallRecord }) {
  const { mark, word, words } = outcomeOf(record);
  const { call, output, outcome, errorMessage, errorCode, startMs, endMs } = record;
  const error = errorMessage || errorCode;
  return (
    <details class={`tool ${word}`}>
      <summary>
        <CallSign mark={mark} />
        <span class="tool-name">{call?.name}</span>
        <span class="tool-result">{resultOf(record)}</span>
        <span class={word === "done" && words.length === 1 ? "unseen" : "tool-words"}>
          {words.join(", ")}
        </span>
        {outcome !== Outcome.UNSPECIFIED && <span class="tool-time">{duration(endMs - startMs)}</span>}
      </summary>
      <dl>
        <dt>Arguments</dt>
        <dd>
          <Json value={call?.arguments ?? {}} />
        </dd>
        {output && (
          <>
            <dt>Output</dt>
            <dd>
              <Json value={toJson(ValueSchema, output)} />
            </dd>
          </>
        )}
        {error && (
          <>
            <dt>Cause</dt>
            <dd>{error}</dd>
          </>
        )}
      </dl>
    </details>
  );
}

/** The result in words where there are any; else what was asked. */
function resultOf({ rendered, errorMessage, errorCode, call }: ToolCallRecord): string {
  const said = rendered || errorMessage || errorCode;
  if (said) return said;
  return Object.entries(call?.arguments ?? {})
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
