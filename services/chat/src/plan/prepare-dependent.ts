import { openRecord } from "../call-record.ts";
import type { ToolCall, ToolCallRecord } from "../turn.ts";
import { bindArguments } from "./bind-arguments.ts";
import { denied } from "./plan-calls.ts";

/** A call with its references bound, ready to run, or refused because of what came of the calls that it needs. */
export type Prepared = { kind: "ready" | "denied"; record: ToolCallRecord };

/** `sources`: the ended records of every call that it needs. */
export function prepareDependent(call: ToolCall, sources: readonly ToolCallRecord[], atMs: number): Prepared {
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
  return { kind: "ready", record: openRecord({ ...call, arguments: binding.arguments }, atMs) };
}
