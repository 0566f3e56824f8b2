import type { HandlerContext } from "@connectrpc/connect";
import { ConcurrencyPolicy, Speculation, type TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";
import { callerOf, traceOf } from "@forerun/rpc/call-context";
import type { TurnRequest } from "../turns.ts";
import { answerFormOf } from "./answer-form.ts";
import type { ChatDeps } from "./chat-deps.ts";
import {
  conversationBusy,
  keyReused,
  noSuchConversation,
  queueFull,
  quotaSpent,
  serverFull,
  serverStopping,
  textTooLarge,
} from "./refusals.ts";
import { requestHashOf } from "./request-hash.ts";
import { endWithoutWaiting } from "./stop-turn.ts";

/** Accepts a turn for Ask, Chat and CreateTurn and returns its id: a new one, or that of the same request sent before. */
export async function startTurn(deps: ChatDeps, input: TurnInput, ctx: HandlerContext): Promise<string> {
  if (deps.turns.isFull(callerOf(ctx).tenant)) throw serverFull();
  const request = requestOf(input, deps, traceOf(ctx));
  const outcome = await deps.turns.start(callerOf(ctx), request, ctx.signal);
  switch (outcome.kind) {
    case "started":
      if (outcome.ends) endWithoutWaiting(deps, callerOf(ctx), outcome.ends);
      return outcome.turnId;
    case "replayed":
      return outcome.turnId;
    case "busy":
      throw conversationBusy(outcome.turnId);
    case "key_reused":
      throw keyReused();
    case "queue_full":
      throw queueFull(outcome.limit);
    case "no_conversation":
      throw noSuchConversation();
    case "quota_spent":
      throw quotaSpent(outcome.refusal);
    case "full":
      throw serverFull();
    case "draining":
      throw serverStopping();
    default:
      return outcome satisfies never;
  }
}

function requestOf(input: TurnInput, deps: ChatDeps, trace: string | undefined): TurnRequest {
  const defaults = deps.limits;
  const bytes = Buffer.byteLength(input.text);
  if (bytes > defaults.messageBytes) throw textTooLarge(bytes, defaults.messageBytes);
  const toolChoice = TOOL_CHOICES.get(input.toolChoice) ?? "auto";
  return {
    ...answerFormOf(input, toolChoice, deps),
    conversationId: input.conversationId || undefined,
    text: input.text,
    past: input.history.map(({ role, content }) => ({
      role: role === "assistant" ? "assistant" : "user",
      content,
    })),
    idempotencyKey: input.idempotencyKey || undefined,
    requestHash: requestHashOf(input),
    policy: POLICIES.get(input.concurrencyPolicy) ?? "reject",
    speculation: SPECULATIONS.get(input.speculation) ?? "auto",
    toolChoice,
    allowedTools: input.allowedTools,
    limits: {
      maxModelCalls: input.limits?.maxModelCalls || defaults.maxModelCalls,
      maxToolCalls: input.limits?.maxToolCalls || defaults.maxToolCalls,
      maxOutputTokens: input.limits?.maxOutputTokens ?? 0,
      maxCostMicros: input.limits?.maxCostMicros ?? 0,
    },
    deadlineMs: input.limits?.deadlineMs || defaults.deadlineMs,
    trace,
  };
}

const TOOL_CHOICES = new Map([
  [ToolChoice.NONE as ToolChoice, "none" as const],
  [ToolChoice.REQUIRED, "required" as const],
]);

const SPECULATIONS = new Map([
  [Speculation.OFF as Speculation, "off" as const],
  [Speculation.WITH_ANSWER, "with_answer" as const],
]);

const POLICIES = new Map([
  [ConcurrencyPolicy.ENQUEUE as ConcurrencyPolicy, "enqueue" as const],
  [ConcurrencyPolicy.INTERRUPT, "interrupt" as const],
  [ConcurrencyPolicy.ROLLBACK, "rollback" as const],
]);
