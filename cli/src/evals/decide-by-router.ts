import type { ToolCall } from "@forerun/contracts/forerun/common/v1/common_pb";
import { type DecidedCall, type Decision, numbered } from "@forerun/evals/decision";
import { createMeanings } from "@forerun/evals/meanings";
import type { Action, RoutingCase } from "@forerun/evals/routing-case";
import type { Comparison } from "@forerun/evals/same-call";
import type { Routing } from "../stack.ts";

/** When every case is asked: a Tuesday, so that "tomorrow" and "next Friday" have one right answer. */
export const ASKED_AT = new Date("2026-11-24T09:00:00Z");
const DECISION_MS = 60_000;
const MOST_CALLS = 16;

/** Asks the router over its contract, as chat does, and lets it ask a model where one is connected. */
export async function decideByRouter(
  { router, callerOptions }: Routing,
  one: RoutingCase,
  signal: AbortSignal,
): Promise<Decision> {
  const request = {
    text: one.text,
    history: one.context,
    now: ASKED_AT.toISOString(),
    timeZone: "UTC",
    maxModelCalls: 1,
    maxToolCalls: MOST_CALLS,
  };
  for await (const { event } of router.route(request, {
    ...callerOptions(),
    timeoutMs: DECISION_MS,
    signal,
  })) {
    if (event.case !== "decided" || !event.value.decision) continue;
    const { action, calls } = event.value.decision;
    return { action: action as Action, calls: numbered(calls.map(decidedCall)) };
  }
  throw new Error("the router's answer ended without a decision");
}

function decidedCall({ callId, name, arguments: args }: ToolCall): DecidedCall & { id: string } {
  return { id: callId, name, arguments: args ?? {} };
}

/** How calls of the tools that the router knows are compared. */
export async function comparisonOf({ tools, callerOptions }: Routing): Promise<Comparison> {
  const listed = await tools.listTools({}, callerOptions());
  return {
    schemas: new Map(listed.tools.map(({ name, inputSchema }) => [name, inputSchema ?? {}])),
    meanings: createMeanings(ASKED_AT),
  };
}
