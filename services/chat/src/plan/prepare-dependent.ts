import { openRecord } from "../call-record.ts";
import { callKey } from "../speculation/canonical.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import { bindArguments } from "./bind-arguments.ts";
import { REPEATED } from "./judge-calls.ts";
import { denied } from "./plan-calls.ts";

type Records = readonly ToolCallRecord[];

/** A call with its references bound, ready to run, or refused because of what came of the calls that it needs. */
export type Prepared = { kind: "ready" | "denied"; record: ToolCallRecord };

/** `sources` are the ended records of every call that it needs, `earlier` those of the rounds before. */
export function prepareDependent(
  call: ToolCall,
  { sources, earlier, atMs }: { sources: Records; earlier: Records; atMs: number },
): Prepared {
  const failed = sources.find(({ outcome }) => outcome === "failed" || outcome === "denied");
  if (failed) {
    const what = failed.outcome === "failed" ? "failed" : "was not run";
    const errorMessage = `${failed.call.callId}, whose result it needs, ${what}`;
    return denied(call, { errorCode: "dependency_failed", errorMessage }, atMs);
  }
  const binding = bindArguments(call.arguments, new Map(sources.map((one) => [one.call.callId, one])));
  if (binding.kind === "missing") {
    return denied(call, { errorCode: "bad_reference", errorMessage: binding.message }, atMs);
  }
  const bound = { ...call, arguments: binding.arguments };
  const key = callKey(bound);
  const made = earlier.some((record) => record.outcome !== "denied" && callKey(record.call) === key);
  if (made) return denied(bound, REPEATED, atMs);
  return { kind: "ready", record: openRecord(bound, atMs) };
}
