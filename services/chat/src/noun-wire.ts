/** Nouns that chat shares with other services, between the domain and the wire (forerun.common.v1). */
import { create, fromJson, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  CitationSchema,
  type RouteDecisionSchema,
  type SnippetSchema,
  type ToolCallRecordSchema,
  type ToolCallSchema,
  Audit as WireAudit,
  type ToolCall as WireCall,
  type Citation as WireCitation,
  type ClientCall as WireClientCall,
  type RouteDecision as WireDecision,
  Outcome as WireOutcome,
  type ToolCallRecord as WireRecord,
  type Reused as WireReused,
  type Snippet as WireSnippet,
  type Usage as WireUsage,
} from "@forerun/contracts/forerun/common/v1/common_pb";
import type { JsonObject, JsonValue } from "./json.ts";
import {
  type Citation,
  type ClientCall,
  NO_USAGE,
  type Outcome,
  type Reused,
  type RouteDecision,
  type Snippet,
  type ToolCall,
  type ToolCallRecord,
  type Usage,
} from "./turn.ts";

const OUTCOMES: readonly [Outcome, WireOutcome][] = [
  ["open", WireOutcome.UNSPECIFIED],
  ["committed", WireOutcome.COMMITTED],
  ["hit", WireOutcome.HIT],
  ["miss", WireOutcome.MISS],
  ["late", WireOutcome.LATE],
  ["cancelled", WireOutcome.CANCELLED],
  ["failed", WireOutcome.FAILED],
  ["denied", WireOutcome.DENIED],
];
const WIRE_OUTCOME = new Map(OUTCOMES);
const DOMAIN_OUTCOME = new Map(OUTCOMES.map(([domain, wire]) => [wire, domain]));

const ACTIONS = new Map(
  (["answer", "call", "clarify", "refuse"] as const).map((action) => [action as string, action]),
);

const AUDITS: readonly [RouteDecision["audit"], WireAudit][] = [
  ["none", WireAudit.UNSPECIFIED],
  ["agreed", WireAudit.AGREED],
  ["disagreed", WireAudit.DISAGREED],
];
const WIRE_AUDIT = new Map(AUDITS);
const DOMAIN_AUDIT = new Map(AUDITS.map(([domain, wire]) => [wire, domain]));

const NO_CALL: ToolCall = { callId: "", name: "", arguments: {}, dependsOn: [], toolHash: "" };

export function toWireCall(call: ToolCall): MessageInitShape<typeof ToolCallSchema> {
  return { ...call };
}

export function fromWireCall(call: WireCall): ToolCall {
  return {
    callId: call.callId,
    name: call.name,
    arguments: (call.arguments ?? {}) as JsonObject,
    dependsOn: call.dependsOn,
    toolHash: call.toolHash,
  };
}

export function toWireRecord(record: ToolCallRecord): MessageInitShape<typeof ToolCallRecordSchema> {
  const { output, ...rest } = record;
  return {
    ...rest,
    call: toWireCall(record.call),
    outcome: WIRE_OUTCOME.get(record.outcome) ?? WireOutcome.UNSPECIFIED,
    ...(output === undefined ? {} : { output: fromJson(ValueSchema, output) }),
  };
}

export function fromWireRecord(record: WireRecord): ToolCallRecord {
  const { $typeName: _, $unknown: __, call, outcome, output, reused, ...rest } = record;
  return {
    ...rest,
    ...(reused ? { reused: fromWireReused(reused) } : {}),
    call: call ? fromWireCall(call) : NO_CALL,
    outcome: DOMAIN_OUTCOME.get(outcome) ?? "open",
    ...(output ? { output: toJson(ValueSchema, output) as JsonValue } : {}),
  };
}

export function fromWireClientCall({ callId, name, arguments: written }: WireClientCall): ClientCall {
  return { callId, name, arguments: written };
}

export function toWireDecision(decision: RouteDecision): MessageInitShape<typeof RouteDecisionSchema> {
  return {
    ...decision,
    calls: decision.calls.map(toWireCall),
    audit: WIRE_AUDIT.get(decision.audit) ?? WireAudit.UNSPECIFIED,
  };
}

/** An action that is not known is taken as "answer": the turn goes on without tools. */
export function fromWireDecision(decision: WireDecision): RouteDecision {
  const { $typeName: _, $unknown: __, action, calls, candidates, audit, ...rest } = decision;
  return {
    ...rest,
    audit: DOMAIN_AUDIT.get(audit) ?? "none",
    action: ACTIONS.get(action) ?? "answer",
    calls: calls.map(fromWireCall),
    candidates: candidates.map(({ name, pTool, pArguments }) => ({ name, pTool, pArguments })),
  };
}

export function toWireCitation(citation: Citation): WireCitation {
  return create(CitationSchema, citation);
}

export function fromWireCitation(citation: WireCitation): Citation {
  const { $typeName: _, $unknown: __, ...rest } = citation;
  return rest;
}

export function toWireSnippet(snippet: Snippet): MessageInitShape<typeof SnippetSchema> {
  return { ...snippet, source: toWireCitation(snippet.source) };
}

export function fromWireSnippet(snippet: WireSnippet): Snippet {
  const source = snippet.source ?? create(CitationSchema);
  return { source: fromWireCitation(source), score: snippet.score, headings: snippet.headings };
}

export function fromWireReused(reused: WireReused): Reused;
export function fromWireReused(reused: WireReused | undefined): Reused | undefined;
export function fromWireReused(reused: WireReused | undefined): Reused | undefined {
  return reused && { layer: reused.layer, ageMs: reused.ageMs };
}

export function fromWireUsage(usage: WireUsage | undefined): Usage {
  if (!usage) return NO_USAGE;
  const { $typeName: _, $unknown: __, models, ...rest } = usage;
  if (models.length === 0) return rest;
  return {
    ...rest,
    models: models.map(({ model, calls, inputTokens, outputTokens, costMicros }) => ({
      model,
      calls,
      inputTokens,
      outputTokens,
      costMicros,
    })),
  };
}
