import { loggedPlace } from "@forerun/runtime/logged-error";
import type { Logger } from "@forerun/runtime/logger";
import type { JsonValue } from "@forerun/toolkit";
import { isToolFailure } from "@forerun/toolkit/tool-failure";
import type { StopReason } from "./call-stop.ts";
import { toPlainJson } from "./plain-json.ts";
import type { PreparedCall } from "./prepare-call.ts";
import { capJson, capText, MAX_RESULT_BYTES } from "./result-cap.ts";
import { type CallFailure, type CallResult, failure } from "./tool-call.ts";

const MAX_RENDERED_BYTES = 16_384;
const MAX_MESSAGE_BYTES = 2_048;

/** Makes a result of what a tool returned: plain JSON, checked, in words where the tool can say it, cut to size. */
export function concludeResult(call: PreparedCall, returned: unknown, log: Logger): CallResult | CallFailure {
  const { tool, checkOutput } = call.registered;
  const plain = toPlainJson(returned);
  if (plain.kind === "bad") return invalidOutput(tool.name, [plain.problem]);
  const problems = checkOutput(plain.value);
  if (problems.length > 0) return invalidOutput(tool.name, problems);
  const rendered = capText(render(call, plain.value, log), MAX_RENDERED_BYTES);
  const { value, truncated } = capJson(plain.value, MAX_RESULT_BYTES);
  return { kind: "result", output: value, rendered, truncated };
}

/** Makes a failure of what a tool threw. A reason that the tool did not mean for readers is told to nobody: the log says where it was thrown. */
export function concludeError(call: PreparedCall, error: unknown, callId: string, log: Logger): CallFailure {
  const { name } = call.registered.tool;
  if (isToolFailure(error)) return failure(error.code, capText(error.message, MAX_MESSAGE_BYTES));
  log.error({ fault: loggedPlace(error) }, "tool threw");
  if (call.registered.tool.effect === "write") return unknownOutcome(call);
  return failure(
    "failed",
    `${name} failed unexpectedly. Where is in the tool executor's log, under call ${callId}.`,
  );
}

export function concludeStop(call: PreparedCall, reason: StopReason): CallFailure {
  const { name, timeoutMs } = call.registered.tool;
  switch (reason) {
    case "timeout":
      return failure("timeout", `${name} did not answer within ${seconds(timeoutMs)}, so it was stopped.`);
    case "cancelled":
      return failure("cancelled", `${name} was stopped because its call was cancelled.`);
    case "left":
      return failure("cancelled", `${name} was stopped because nobody waits for it any more.`);
    default:
      return reason satisfies never;
  }
}

/** A call that changes something and began: what is not known to have ended may have happened. */
export function unknownOutcome({ registered }: PreparedCall): CallFailure {
  const { name } = registered.tool;
  return failure(
    "outcome_unknown",
    `${name} was begun, and it is not known how it ended: what it was to change may have been changed. Do not call it again for this; say that it has to be checked.`,
  );
}

/** A call that changes something is noted before it begins; without that it does not. */
export function notNoted({ registered }: PreparedCall): CallFailure {
  const { name } = registered.tool;
  return failure(
    "failed",
    `${name} was not run: what changes things is noted first, and the store cannot be reached. Nothing was changed; try again in a moment.`,
  );
}

/** Where nothing can be noted, nothing that changes things is run. */
export function noRecord({ registered }: PreparedCall): CallFailure {
  const { name } = registered.tool;
  return failure(
    "not_configured",
    `${name} was not run: it changes things, and this tool executor has no store to note that in. Its operator has to set DATABASE_URL.`,
  );
}

function invalidOutput(name: string, problems: readonly string[]): CallFailure {
  return failure(
    "invalid_output",
    `${name} ran, but what it returned breaks its own output schema: ${problems.join("; ")}.`,
  );
}

function render(call: PreparedCall, output: JsonValue, log: Logger): string {
  const { tool } = call.registered;
  try {
    const words: unknown = tool.render?.(output, call.arguments);
    return typeof words === "string" ? words.toWellFormed() : "";
  } catch (fault) {
    log.warn({ fault: loggedPlace(fault) }, "tool cannot render its output");
    return "";
  }
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
