/** What the chat domain needs from its store. Implemented in store/, faked nowhere: tests use the real one. */
import type { UsageRecord } from "@forerun/quota/ledger";
import type { Caller } from "@forerun/runtime/caller";
import type { Turn } from "./turn.ts";
import type { StreamItem, TurnEventBody } from "./turn-event.ts";
import type { TurnProgress } from "./turn-progress.ts";
import type { TurnTerms } from "./turn-terms.ts";

export type ConcurrencyPolicy = "reject" | "enqueue" | "interrupt" | "rollback";

export type NewTurn = {
  /** Undefined opens a new conversation. */
  conversationId: string | undefined;
  text: string;
  /** Earlier messages that a new conversation starts from, oldest first; empty for an existing one. */
  past: readonly HistoryMessage[];
  idempotencyKey: string | undefined;
  /** Hash of the whole request; the same key with another hash is refused. */
  requestHash: string;
  policy: ConcurrencyPolicy;
  /** Kept as long as the turn runs, for whoever has to take it over. */
  terms: TurnTerms;
  deadline: Date;
  traceId: string;
};

export type HistoryMessage = { role: "user" | "assistant"; content: string };

/** The right to write one turn's log: lost (fenced) as soon as another epoch begins or the turn ends. */
export type TurnLease = {
  tenant: string;
  turnId: string;
  conversationId: string;
  epoch: number;
  createTime: Date;
  deadline: Date;
};

/** A turn for this process to drive that another began, or that had to wait: its request as it was stored, and what was done of it. */
export type TakenTurn = {
  lease: TurnLease;
  caller: Caller;
  terms: TurnTerms;
  text: string;
  history: HistoryMessage[];
  progress: TurnProgress;
  /** Set where its end has been asked for already. */
  stop: "user" | "interrupt" | "rollback" | undefined;
};

/** What drives turns in this process. */
export type TurnDriver = {
  /** False once the process is to stop: turns that wait are then left to others. */
  readonly accepting: boolean;
  /** Turns that it can take on besides those that it drives. */
  readonly room: number;
  /** Drives a turn that the log has taken for this process. Its acceptance is not to be refused any more. */
  resume(taken: TakenTurn): void;
  /** The turn is not this process's any more: its work stops, and nothing of it can be written. */
  lose(lease: TurnLease): void;
  /** Somebody, or a newer turn of the conversation, has asked for the turn's end. */
  cancel(turnId: string, reason: NonNullable<TakenTurn["stop"]>): void;
};

export type BeginOutcome =
  | { kind: "begun"; lease: TurnLease; history: HistoryMessage[] }
  /** It waits for others of its conversation; `ends` is the running one, where this turn's policy ends it. */
  | { kind: "queued"; turnId: string; ends: { turnId: string; reason: "interrupt" | "rollback" } | undefined }
  /** As many turns wait in the conversation as may. */
  | { kind: "queue_full"; limit: number }
  | { kind: "replayed"; turnId: string }
  | { kind: "key_reused" }
  | { kind: "busy"; turnId: string }
  | { kind: "no_conversation" };

/** The turn that a key belongs to, if any. */
export type FindOutcome = { kind: "found"; turnId: string } | { kind: "key_reused" } | { kind: "none" };

/** "now" when somebody waits for the events; "gather", the default, lets them wait a moment for others, which makes a stream of text cheap. */
export type Pace = "now" | "gather";

export type AppendOutcome = "durable" | "fenced";

/** `owner` drives it at this moment, if anybody does; where it is not `open` the turn has ended. */
export type CancelRequest = { open: boolean; owner: string | undefined };

export type Cursor = { epoch: number; afterSequence: number };

export type AttachOutcome =
  | { kind: "attached"; items: AsyncIterable<StreamItem> }
  | { kind: "no_turn" }
  /** The cursor lies past the last event. */
  | { kind: "out_of_range"; lastSequence: number; epoch: number };

export type TurnLog = {
  /** Says who drives the turns that the log takes for this process; before that it takes none. */
  drivenBy(driver: TurnDriver): void;
  /** Accepts a turn in one transaction: conversation, policy, idempotency, user message, turn row, history window. */
  begin(caller: Caller, input: NewTurn): Promise<BeginOutcome>;
  /**
   * Gives the events their sequences, makes them durable in a group commit, then delivers them. Order of calls is order in the
   * log. While the store is away it waits, up to 30 s; after that the turn is fenced and the log ends it when the store is back.
   */
  append(lease: TurnLease, events: readonly TurnEventBody[], pace?: Pace): Promise<AppendOutcome>;
  /**
   * One transaction: events that still wait, terminal event, turn row, answer, assistant message; then delivers them. `turn` is
   * the final turn without lastSequence. Throws when the store was away for 30 s; the end is still written when it is back.
   */
  finish(lease: TurnLease, turn: Turn): Promise<AppendOutcome>;
  /** Ends a turn that its driver cannot end, as failed(unavailable), as soon as the store can. Does nothing where its end is written or waits. */
  abandon(lease: TurnLease): void;
  /** The turn's events from a cursor on, live ones included, ending after the terminal one; heartbeats every 15 s of silence. */
  attach(caller: Caller, turnId: string, cursor: Cursor, signal: AbortSignal): Promise<AttachOutcome>;
  /** The turn that the same request began with its key; `key_reused` where another request did. */
  find(caller: Caller, idempotencyKey: string, requestHash: string): Promise<FindOutcome>;
  /** The turn as it stands, folded from the log while it runs. */
  get(caller: Caller, turnId: string): Promise<Turn | undefined>;
  list(
    caller: Caller,
    conversationId: string | undefined,
    size: number,
    after: string | undefined,
  ): Promise<Page<Turn>>;
  /** Ids of a conversation's turns that have not ended: those that wait, then the one that runs. */
  open(caller: Caller, conversationId: string): Promise<string[]>;
  /** Marks the turn as to be cancelled (durable), unless it has ended, or ends it where it waits; undefined when there is none. */
  requestCancel(
    caller: Caller,
    turnId: string,
    by?: "user" | "disconnect",
  ): Promise<CancelRequest | undefined>;
};

export type Conversation = { conversationId: string; title: string; createTime: Date; updateTime: Date };
export type Message = {
  messageId: string;
  conversationId: string;
  role: "user" | "assistant";
  text: string;
  turnId: string;
  createTime: Date;
};

/** Pages run on opaque keys: `next` of one page is `after` of the following; a key that does not parse is `bad_page_token`. */
export type Page<T> = { kind: "page"; items: T[]; next: string | undefined } | { kind: "bad_page_token" };

export type Conversations = {
  create(caller: Caller, title: string): Promise<Conversation>;
  get(caller: Caller, conversationId: string): Promise<Conversation | undefined>;
  list(caller: Caller, size: number, after: string | undefined): Promise<Page<Conversation>>;
  rename(caller: Caller, conversationId: string, title: string): Promise<Conversation | undefined>;
  /** False when there is none. The caller cancels a running turn first. */
  remove(caller: Caller, conversationId: string): Promise<boolean>;
  messages(
    caller: Caller,
    conversationId: string,
    size: number,
    after: string | undefined,
  ): Promise<Page<Message> | undefined>;
};

export type UsageSum = {
  name: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  costMicros: number;
};

/** What turns have used, noted with their ends. */
export type UsageBook = UsageRecord & {
  /** The most used first, days in their order. */
  sums(tenant: string, by: "model" | "tool" | "user" | "day", since: Date): Promise<UsageSum[]>;
};
