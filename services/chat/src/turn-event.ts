/** What happens during a turn. Names are those of the wire's oneof; turn-wire.ts converts. */
import type {
  Citation,
  ClientCall,
  Reused,
  RouteDecision,
  Snippet,
  ToolCall,
  ToolCallRecord,
  Turn,
  Usage,
} from "./turn.ts";

export type TurnEventBody =
  | { kind: "turnCreated"; turn: Turn }
  | { kind: "turnInProgress"; turn: Turn }
  | { kind: "routeDecided"; decision: RouteDecision }
  | { kind: "planCreated"; calls: ToolCall[] }
  | { kind: "planUpdated"; calls: ToolCall[] }
  | { kind: "toolCallDrafted"; record: ToolCallRecord }
  | { kind: "toolCallStarted"; record: ToolCallRecord }
  | { kind: "toolCallProgress"; record: ToolCallRecord; text: string; fraction: number }
  | { kind: "toolCallOutput"; record: ToolCallRecord }
  | { kind: "toolCallFailed"; record: ToolCallRecord }
  | { kind: "toolCallCancelled"; record: ToolCallRecord }
  | { kind: "toolCallDenied"; record: ToolCallRecord }
  | { kind: "toolCallDiscarded"; record: ToolCallRecord }
  | { kind: "clientCallsRequested"; calls: ClientCall[] }
  | { kind: "memoryRetrieved"; snippets: Snippet[] }
  | CacheHit
  | { kind: "usageUpdated"; usage: Usage }
  | { kind: "outputTextDelta"; text: string }
  | { kind: "outputTextAnnotationAdded"; citation: Citation }
  /** `reason`: why it is not whole; empty where it is. */
  | { kind: "outputTextDone"; text: string; reason: string }
  | { kind: "outputReset" }
  | TerminalEventBody;

/** `what` was not made anew but used again; `callId` is empty unless it is a tool's result. */
export type CacheHit = Reused & { kind: "cacheHit"; what: "tool" | "route" | "answer"; callId: string };

export type TerminalEventBody =
  | { kind: "turnCompleted"; turn: Turn }
  | { kind: "turnIncomplete"; turn: Turn }
  | { kind: "turnFailed"; turn: Turn }
  | { kind: "turnCancelled"; turn: Turn };

/** An event at its place in the log. Sequences run from 1 without gaps within an epoch. */
export type TurnEvent = {
  turnId: string;
  sequence: number;
  epoch: number;
  createTime: Date;
  stepId: string;
  traceId: string;
  body: TurnEventBody;
};

/** What a reader may get besides events of the log; none of these has a sequence. */
export type StreamItem =
  | { kind: "event"; event: TurnEvent }
  | { kind: "heartbeat"; turnId: string }
  | { kind: "goAway"; turnId: string; reason: string }
  | { kind: "snapshot"; turn: Turn; reason: string };
