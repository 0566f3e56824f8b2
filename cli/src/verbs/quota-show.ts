import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Quota, UsageRow } from "@forerun/contracts/forerun/chat/v1/quota_pb";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { reach } from "../reach.ts";

export type QuotaShowInput = { tenant?: string; by?: string; output: OutputFormat };

const CALL_MS = 10_000;

/** Prints quotas and what is left of them, or what was used. */
export async function quotaShow(input: QuotaShowInput, context: CommandContext): Promise<ExitCode> {
  const { tenant = "", by, output } = input;
  await using server = await reach(context);
  const options = { ...server.callerOptions(), timeoutMs: CALL_MS };
  const rows = by
    ? (await server.chat.getUsage({ tenant, by }, options)).rows.map(publicUsage)
    : (await server.chat.getQuota({ tenant }, options)).quotas.map(publicQuota);
  const { terminal } = context;
  if (output === "json") {
    terminal.result(JSON.stringify(rows));
    return EXIT.ok;
  }
  for (const row of rows) terminal.result("scope" in row ? drawQuota(row) : drawUsage(row));
  if (rows.length === 0) terminal.say(by ? "nothing was used" : "no quota (quotas in forerun.yaml)");
  return EXIT.ok;
}

function publicQuota({ scope, model, unit, limit, used, reserved, left, resetTime }: Quota) {
  const resets = resetTime ? timestampDate(resetTime).toISOString() : "";
  return { scope, model, unit, limit, used, reserved, left, reset_time: resets };
}

function publicUsage({ name, calls, inputTokens, outputTokens, costMicros }: UsageRow) {
  return { name, calls, input_tokens: inputTokens, output_tokens: outputTokens, cost_micros: costMicros };
}

function drawQuota({ scope, model, unit, limit, used, reserved, left, reset_time: resets }: PublicQuota) {
  const whose = model ? `${scope} ${model}` : scope;
  return `${whose.padEnd(24)}${unit}: ${left} of ${limit} left (${used} used, ${reserved} set aside) until ${resets}`;
}

function drawUsage({ name, calls, input_tokens, output_tokens, cost_micros }: PublicUsage): string {
  const cost = `$${(cost_micros / 1e6).toFixed(4)}`;
  return `${name.padEnd(24)}${calls} calls, ${input_tokens} tokens read, ${output_tokens} written, ${cost}`;
}

type PublicQuota = ReturnType<typeof publicQuota>;
type PublicUsage = ReturnType<typeof publicUsage>;
