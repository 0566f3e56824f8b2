/** The services a turn needs, in the chat domain's own words. clients.ts speaks the wire. */
import type { Caller } from "@forerun/runtime/caller";
import type { JsonObject, JsonValue } from "./json.ts";
import type { HistoryMessage } from "./ports.ts";
import type {
  Citation,
  ClientCall,
  ClientTools,
  Reused,
  RouteDecision,
  Snippet,
  ToolCall,
  ToolCallRecord,
  Usage,
} from "./turn.ts";

/** What every call carries: who asks, where the trace stands, when to stop. */
export type CallScope = {
  caller: Caller;
  trace: string | undefined;
  /** When the turn's time is over; the signal fires then too. */
  deadline: Date;
  signal: AbortSignal;
  /** Above 1 for what an earlier owner of the turn may have done: a call that changes something is then not repeated. */
  attempt?: number;
};

export type ToolChoice = "auto" | "none" | "required";

export type RouteQuestion = {
  text: string;
  history: readonly HistoryMessage[];
  toolChoice: ToolChoice;
  allowedTools: readonly string[];
  now: Date;
  maxModelCalls: number;
  /** Model calls kept for the answer, of which a decision that carries the answer may use one. */
  answerModelCalls: number;
  maxToolCalls: number;
  /** Tokens that one model call may read and write; left out or 0 where nothing bounds them. */
  maxInputTokens?: number;
  maxOutputTokens?: number;
  /** What came of the rounds before this one. */
  earlierCalls: readonly ToolCallRecord[];
};

/** A likely call, known before the decision. */
export type Drafted = {
  kind: "drafted";
  /** Tier 0's guess, or a call that the model has written while the rest of its decision is on its way. */
  source: "tier0" | "decision";
  call: ToolCall;
  pTool: number;
  pArguments: number;
  /** It computes or reads, so that it may run before it is decided for. */
  mayStartEarly: boolean;
  costMicros: number;
};

export type RouteStep =
  | Drafted
  | { kind: "decided"; decision: RouteDecision; usage: Usage; reused?: Reused | undefined };

export type ToolStep =
  | { kind: "accepted"; writes: boolean }
  | { kind: "progress"; text: string; fraction: number }
  | { kind: "result"; output: JsonValue; rendered: string; truncated: boolean; reused?: Reused | undefined }
  | { kind: "failure"; code: string; message: string; reused?: Reused | undefined };

export type AnswerQuestion = {
  /** Begun before the decision: nothing of the answer may be kept for other turns. */
  early: boolean;
  text: string;
  history: readonly HistoryMessage[];
  /** Undefined when nothing was decided: the client's own tools are the model's business. */
  decision: RouteDecision | undefined;
  toolCalls: readonly ToolCallRecord[];
  snippets: readonly Snippet[];
  maxOutputTokens: number;
  /** Of the prompt; 0 means as many as the model takes. */
  maxInputTokens: number;
  maxModelCalls: number;
  now: Date;
  /** JSON Schema that the answer must satisfy. */
  responseSchema?: JsonObject | undefined;
  clientTools?: ClientTools | undefined;
  /** For the client's tools. */
  toolChoice: ToolChoice;
};

export type AnswerStep =
  /** Comes first, where the text is an earlier one. */
  | { kind: "reused"; reused: Reused }
  | { kind: "text"; text: string }
  | { kind: "citation"; citation: Citation }
  | {
      kind: "done";
      finish: "stop" | "max_tokens" | "content_filter";
      usage: Usage;
      /** Asked for in place of an answer; left out when there are none. */
      clientCalls?: ClientCall[];
    };

export type Collaborators = {
  route(question: RouteQuestion, scope: CallScope): AsyncIterable<RouteStep>;
  /** `early` says that the call is not decided yet: the executor refuses it for tools that change something. */
  execute(call: ToolCall, turnId: string, scope: CallScope, early?: boolean): AsyncIterable<ToolStep>;
  /** Says that early calls were decided for, so that others may use their results. Never rejects. */
  commit(turnId: string, callIds: readonly string[], scope: CallScope): Promise<void>;
  generate(question: AnswerQuestion, scope: CallScope): AsyncIterable<AnswerStep>;
  search(text: string, k: number, scope: CallScope): Promise<Snippet[]>;
};
