/** A turn as the chat service sees it: one user message and the work and answer that follow. */
import type { JsonObject, JsonValue } from "./json.ts";

export type TurnState =
  | "queued"
  | "in_progress"
  | "requires_action"
  | "completed"
  | "incomplete"
  | "failed"
  | "cancelled";

export type Outcome = "open" | "committed" | "hit" | "miss" | "late" | "cancelled" | "failed" | "denied";

export type ToolCall = {
  callId: string;
  name: string;
  arguments: JsonObject;
  dependsOn: string[];
  /** Definition that the call was made for; empty means the current one. */
  toolHash: string;
};

/** Something that was made for an earlier question: where it was kept, and milliseconds since it was made. */
export type Reused = { layer: string; ageMs: number };

export type ToolCallRecord = {
  call: ToolCall;
  outcome: Outcome;
  early: boolean;
  output?: JsonValue;
  rendered: string;
  errorCode: string;
  errorMessage: string;
  /** Milliseconds since the turn began. */
  startMs: number;
  endMs: number;
  savedMs: number;
  wastedMs: number;
  truncated: boolean;
  /** It ran and changed something. */
  effected: boolean;
  /** Set when the tool did not run, because an earlier result of it still held. */
  reused?: Reused;
};

export type Candidate = { name: string; pTool: number; pArguments: number };

export type RouteDecision = {
  action: "answer" | "call" | "clarify" | "refuse";
  calls: ToolCall[];
  text: string;
  confidence: number;
  candidates: Candidate[];
  tier: number;
  policyVersion: string;
  fallbackReason: string;
  thought: string;
  /** Why the decision stands at its tier. */
  reason: string;
  /** What came of asking a model although tier 0 was sure enough. */
  audit: "none" | "agreed" | "disagreed";
};

export type Usage = {
  modelCalls: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  costMicros: number;
  discardedModelCalls: number;
  /** What each model had of it; left out where no model is known to have been called. */
  models?: ModelUsage[];
};

export type ModelUsage = {
  model: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  costMicros: number;
};

/** `start` and `end` are UTF-16 offsets into the document's text; `quote` is exactly that text. */
export type Citation = {
  documentId: string;
  title: string;
  uri: string;
  page: number;
  start: number;
  end: number;
  quote: string;
};

export type Snippet = { source: Citation; score: number; headings: string[] };

/** A tool that the client runs itself; `parameters` is a JSON Schema. */
export type ClientTool = { name: string; description: string; parameters: JsonObject };

/** `arguments` is a JSON object as the model wrote it. */
export type ClientCall = { callId: string; name: string; arguments: string };

export type ClientMessage = {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  /** Of the assistant. */
  calls: ClientCall[];
  /** For a tool: the call that this is the result of; empty otherwise. */
  callId: string;
};

/** The client's own tools and the whole conversation in which they are called. */
export type ClientTools = {
  tools: ClientTool[];
  messages: ClientMessage[];
  /** Empty leaves the choice open. */
  requiredTool: string;
  singleCall: boolean;
};

export type Turn = {
  turnId: string;
  conversationId: string;
  state: TurnState;
  text: string;
  decision: RouteDecision | undefined;
  toolCalls: ToolCallRecord[];
  usage: Usage;
  reason: string;
  errorCode: string;
  retryable: boolean;
  citations: Citation[];
  createTime: Date;
  endTime: Date | undefined;
  lastSequence: number;
  epoch: number;
  traceId: string;
  /** Calls of the client's tools that the turn ended with, for the client to run. */
  clientCalls: ClientCall[];
};

export const NO_USAGE: Usage = {
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  costMicros: 0,
  discardedModelCalls: 0,
};

export const INCOMPLETE_REASONS = ["max_tokens", "deadline", "quota", "guardrail"] as const;

/** Of a turn that has an answer, whole or not. */
export type AnsweredEnding =
  | { state: "completed" }
  | { state: "incomplete"; reason: (typeof INCOMPLETE_REASONS)[number] };

export type Ending =
  | AnsweredEnding
  | {
      state: "failed";
      errorCode: string /** Code of its page in docs/errors; empty where there is none. */;
      reason: string;
      retryable: boolean;
    }
  | { state: "cancelled"; reason: "user" | "disconnect" | "shutdown" | "interrupt" | "rollback" };
