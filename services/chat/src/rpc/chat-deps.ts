import type { Departure } from "../departure.ts";
import type { Conversations, TurnLog, UsageBook } from "../ports.ts";
import type { Quotas } from "../quota/open-quotas.ts";
import type { Turns } from "../turns.ts";
import type { FormDeps } from "./answer-form.ts";
import type { StopTurn } from "./stop-turn.ts";

/** Bounds that a request may narrow or widen; from the configuration. */
export type DefaultLimits = {
  /** UTF-8 bytes of a user's message at most. */
  messageBytes: number;
  maxModelCalls: number;
  maxToolCalls: number;
  deadlineMs: number;
};

/** What the handlers of the Chat API work on. */
export type ChatDeps = {
  turns: Turns;
  /** Undefined where nobody has a quota. */
  quotas: Quotas | undefined;
  usage: UsageBook;
  turnLog: TurnLog;
  departure: Departure;
  stopTurn: StopTurn;
  conversations: Conversations;
  limits: DefaultLimits;
} & FormDeps;
