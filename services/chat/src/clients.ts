/** The four services a turn needs, over the wire and in the domain's words. */
import type { Client } from "@connectrpc/connect";
import { type AnswerService, FinishReason } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { ToolChoice as WireToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { DraftSource, type RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import type { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { CallBus } from "./bus-calls-wire.ts";
import type {
  AnswerQuestion,
  AnswerStep,
  CallScope,
  Collaborators,
  RouteQuestion,
  RouteStep,
  ToolChoice,
} from "./collaborators.ts";
import {
  fromWireCall,
  fromWireCitation,
  fromWireClientCall,
  fromWireDecision,
  fromWireReused,
  fromWireSnippet,
  fromWireUsage,
  toWireDecision,
  toWireRecord,
  toWireSnippet,
} from "./noun-wire.ts";
import { faultOf, optionsOf } from "./service-call-wire.ts";
import { commitCalls, executeTool } from "./tool-calls-wire.ts";
import type { LaneFor } from "./tool-lanes-wire.ts";
import type { Snippet } from "./turn.ts";
import { untilOver } from "./until-over.ts";
import { usageOf } from "./usage.ts";

export type ServiceClients = {
  router: Client<typeof RouterService>;
  tools: Client<typeof ToolService>;
  answer: Client<typeof AnswerService>;
  memory: Client<typeof MemoryService>;
};

/** Retrieval that takes longer is not worth waiting for. */
const SEARCH_TIMEOUT_MS = 2_000;

/** A query is a question, not a document: what comes after this is not searched for. */
const SEARCH_CHARACTERS = 2_000;

/**
 * `bus` takes calls of tools; what comes to nothing there goes over RPC, and without a bus everything does. Where tenants have
 * executors of their own, `laneFor` tells of both ways.
 */
export function createCollaborators(
  clients: ServiceClients,
  bus?: CallBus,
  laneFor: LaneFor = () => ({ tools: clients.tools, bus }),
): Collaborators {
  return {
    route: (question, scope) =>
      untilOver(route(clients.router, question, scope), ({ kind }) => kind === "decided"),
    execute: (call, turnId, scope, early = false) =>
      untilOver(
        executeTool(laneFor(scope.caller), call, { turnId, early, attempt: scope.attempt ?? 1 }, scope),
        ({ kind }) => kind === "result" || kind === "failure",
      ),
    commit: (turnId, callIds, scope) => commitCalls(laneFor(scope.caller), turnId, callIds, scope),
    generate: (question, scope) =>
      untilOver(generate(clients.answer, question, scope), ({ kind }) => kind === "done"),
    search: (text, k, scope) => search(clients.memory, text, k, scope),
  };
}

async function* route(
  client: Client<typeof RouterService>,
  question: RouteQuestion,
  scope: CallScope,
): AsyncGenerator<RouteStep> {
  const request = {
    text: question.text,
    history: [...question.history],
    toolChoice: WIRE_TOOL_CHOICE[question.toolChoice],
    allowedTools: [...question.allowedTools],
    now: question.now.toISOString(),
    maxModelCalls: question.maxModelCalls,
    answerModelCalls: question.answerModelCalls,
    maxToolCalls: question.maxToolCalls,
    earlierCalls: question.earlierCalls.map(toWireRecord),
    maxInputTokens: question.maxInputTokens ?? 0,
    maxOutputTokens: question.maxOutputTokens ?? 0,
  };
  for await (const { event } of naming("router", client.route(request, optionsOf(scope)))) {
    if (event.case === "draft" && event.value.call) {
      const { call, pTool, pArguments, mayStartEarly, costMicros } = event.value;
      const source = event.value.source === DraftSource.DECISION ? "decision" : "tier0";
      yield {
        kind: "drafted",
        source,
        call: fromWireCall(call),
        pTool,
        pArguments,
        mayStartEarly,
        costMicros,
      };
    } else if (event.case === "decided" && event.value.decision) {
      const { decision, usage, reused, model } = event.value;
      yield {
        kind: "decided",
        decision: fromWireDecision(decision),
        usage: usageOf(model, fromWireUsage(usage)),
        reused: fromWireReused(reused),
      };
    }
  }
}

async function* generate(
  client: Client<typeof AnswerService>,
  question: AnswerQuestion,
  scope: CallScope,
): AsyncGenerator<AnswerStep> {
  const request = {
    text: question.text,
    history: [...question.history],
    ...(question.decision && { decision: toWireDecision(question.decision) }),
    toolCalls: question.toolCalls.map(toWireRecord),
    snippets: question.snippets.map(toWireSnippet),
    maxOutputTokens: question.maxOutputTokens,
    maxInputTokens: question.maxInputTokens,
    early: question.early,
    maxModelCalls: question.maxModelCalls,
    now: question.now.toISOString(),
    ...(question.responseSchema && { responseSchema: question.responseSchema }),
    ...(question.clientTools && { clientTools: question.clientTools }),
    toolChoice: WIRE_TOOL_CHOICE[question.toolChoice],
  };
  for await (const { event } of naming("answer", client.generate(request, optionsOf(scope)))) {
    if (event.case === "textDelta") yield { kind: "text", text: event.value.text };
    else if (event.case === "reused") yield { kind: "reused", reused: fromWireReused(event.value) };
    else if (event.case === "citation") yield { kind: "citation", citation: fromWireCitation(event.value) };
    else if (event.case === "done") {
      yield {
        kind: "done",
        finish: finishOf(event.value.finishReason),
        usage: usageOf(event.value.model, fromWireUsage(event.value.usage)),
        clientCalls: event.value.clientCalls.map(fromWireClientCall),
      };
    }
  }
}

async function search(
  client: Client<typeof MemoryService>,
  text: string,
  k: number,
  scope: CallScope,
): Promise<Snippet[]> {
  const options = { ...optionsOf(scope), timeoutMs: SEARCH_TIMEOUT_MS };
  const { snippets } = await client.search({ text: text.slice(0, SEARCH_CHARACTERS), k }, options);
  return snippets.map(fromWireSnippet);
}

const WIRE_TOOL_CHOICE: Record<ToolChoice, WireToolChoice> = {
  auto: WireToolChoice.AUTO,
  none: WireToolChoice.NONE,
  required: WireToolChoice.REQUIRED,
};

function finishOf(reason: FinishReason): "stop" | "max_tokens" | "content_filter" {
  switch (reason) {
    case FinishReason.MAX_TOKENS:
      return "max_tokens";
    case FinishReason.CONTENT_FILTER:
      return "content_filter";
    default:
      return "stop";
  }
}

async function* naming<T>(service: string, stream: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (fault) {
    throw faultOf(service, fault);
  }
}
