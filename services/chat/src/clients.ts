/** The four services a turn needs, over the wire and in the domain's words. */
import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type CallOptions, type Client, Code, ConnectError } from "@connectrpc/connect";
import { type AnswerService, FinishReason } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { ToolChoice as WireToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { DraftSource, type RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { Effect, type ExecuteResponse, type ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { ErrorInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { type CallBus, executeOverBus } from "./bus-calls-wire.ts";
import type {
  AnswerQuestion,
  AnswerStep,
  CallScope,
  Collaborators,
  RouteQuestion,
  RouteStep,
  ToolChoice,
  ToolStep,
} from "./collaborators.ts";
import { CollaboratorFault, type FailureCode } from "./ending.ts";
import type { JsonValue } from "./json.ts";
import {
  fromWireCall,
  fromWireCitation,
  fromWireClientCall,
  fromWireDecision,
  fromWireReused,
  fromWireSnippet,
  fromWireUsage,
  toWireCall,
  toWireDecision,
  toWireRecord,
  toWireSnippet,
} from "./noun-wire.ts";
import type { Snippet, ToolCall } from "./turn.ts";
import { untilOver } from "./until-over.ts";

export type ServiceClients = {
  router: Client<typeof RouterService>;
  tools: Client<typeof ToolService>;
  answer: Client<typeof AnswerService>;
  memory: Client<typeof MemoryService>;
};

/** Retrieval that takes longer is not worth waiting for. */
const SEARCH_TIMEOUT_MS = 2_000;

/** The turn ends what it began at its deadline; only a call whose cancel got lost lives this much longer. */
const PAST_DEADLINE_MS = 1_000;

/** A query is a question, not a document: what comes after this is not searched for. */
const SEARCH_CHARACTERS = 2_000;

/** `bus` takes the early calls, and a call of the executor those that nobody hears there; without one it takes all. */
export function createCollaborators(clients: ServiceClients, bus?: CallBus): Collaborators {
  return {
    route: (question, scope) =>
      untilOver(route(clients.router, question, scope), ({ kind }) => kind === "decided"),
    execute: (call, turnId, scope, early = false) =>
      untilOver(
        early && bus
          ? executeEarly(bus, clients.tools, call, turnId, scope)
          : execute(clients.tools, call, { turnId, early }, scope),
        ({ kind }) => kind === "result" || kind === "failure",
      ),
    commit: (turnId, callIds, scope) => commit(clients.tools, turnId, callIds, scope),
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
      const { decision, usage, reused } = event.value;
      yield {
        kind: "decided",
        decision: fromWireDecision(decision),
        usage: fromWireUsage(usage),
        reused: fromWireReused(reused),
      };
    }
  }
}

async function* executeEarly(
  bus: CallBus,
  client: Client<typeof ToolService>,
  call: ToolCall,
  turnId: string,
  scope: CallScope,
): AsyncGenerator<ToolStep> {
  let heard = false;
  for await (const response of executeOverBus(bus, call, turnId, scope)) {
    heard = true;
    const step = toolStepOf(response);
    if (step) yield step;
  }
  if (!heard) yield* execute(client, call, { turnId, early: true }, scope);
}

async function* execute(
  client: Client<typeof ToolService>,
  call: ToolCall,
  of: { turnId: string; early: boolean },
  scope: CallScope,
): AsyncGenerator<ToolStep> {
  const request = { call: toWireCall(call), ...of, attempt: scope.attempt ?? 1 };
  try {
    for await (const response of client.execute(request, optionsOf(scope))) {
      const step = toolStepOf(response);
      if (step) yield step;
    }
  } catch (fault) {
    if (scope.signal.aborted) throw fault;
    // An executor that cannot be reached is a failed tool, worded for the model: the turn still answers.
    const { code } = faultOf("tool-executor", fault);
    yield {
      kind: "failure",
      code: "unreachable",
      message: `the tool could not be run (${code}); try again later`,
    };
  }
}

function toolStepOf({ event }: ExecuteResponse): ToolStep | undefined {
  switch (event.case) {
    case "accepted":
      return { kind: "accepted", writes: event.value.effect === Effect.WRITE };
    case "progress":
      return { kind: "progress", text: event.value.text, fraction: event.value.fraction };
    case "result": {
      const { output, rendered, truncated } = event.value;
      const json = output ? (toJson(ValueSchema, output) as JsonValue) : null;
      return {
        kind: "result",
        output: json,
        rendered,
        truncated,
        reused: fromWireReused(event.value.reused),
      };
    }
    case "failure": {
      const { code, message } = event.value;
      return { kind: "failure", code, message, reused: fromWireReused(event.value.reused) };
    }
    default:
      return undefined;
  }
}

/** What is not committed is not kept: no more is lost than a later call's time. */
async function commit(
  client: Client<typeof ToolService>,
  turnId: string,
  callIds: readonly string[],
  scope: CallScope,
): Promise<void> {
  if (callIds.length === 0) return;
  await client.commit({ turnId, callIds: [...callIds] }, optionsOf(scope)).catch(() => {});
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
        usage: fromWireUsage(event.value.usage),
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

/**
 * What a call may take is the turn's own time and a little more: the turn ends its calls itself, and the services need to know
 * how long a retry may wait.
 */
function optionsOf({ caller, signal, trace, deadline }: CallScope): CallOptions {
  const timeoutMs = Math.max(0, deadline.getTime() - Date.now()) + PAST_DEADLINE_MS;
  return asCaller(caller, { signal, trace, timeoutMs });
}

async function* naming<T>(service: string, stream: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (fault) {
    throw faultOf(service, fault);
  }
}

/** An error of another service, judged here: its code is kept where a client can act on it, its text never. */
function faultOf(service: string, fault: unknown): CollaboratorFault {
  const error = ConnectError.from(fault);
  const [info] = error.findDetails(ErrorInfoSchema);
  const page = info?.domain === "forerun" ? info.reason : "";
  return new CollaboratorFault(service, FAILURES.get(error.code) ?? "internal", { page, cause: fault });
}

const FAILURES = new Map<Code, FailureCode>([
  [Code.Unavailable, "unavailable"],
  [Code.ResourceExhausted, "resource_exhausted"],
  [Code.DeadlineExceeded, "deadline_exceeded"],
]);
