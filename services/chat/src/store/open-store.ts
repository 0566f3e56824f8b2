import type { Statement } from "@forerun/db/database";
import { openDatabase } from "@forerun/db/open";
import { locationIn, type StorePlace } from "@forerun/db/store-place";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Logger } from "@forerun/runtime/logger";
import { v4, v7 } from "uuid";
import type { Conversations, TurnLog, UsageBook } from "../ports.ts";
import { createConversations } from "./conversations.ts";
import type { GapCause } from "./log-gap.ts";
import { LOG_ROLE } from "./migrations.ts";
import { CHAT_SCHEMA } from "./schema.ts";
import { type LogBounds, openTurnLog, type ReplicaOptions } from "./turn-log.ts";
import { createUsageBook } from "./usage.ts";

export type ChatStore = {
  turnLog: TurnLog;
  conversations: Conversations;
  usage: UsageBook;
  /** Boot id of this process: the owner of the turns that it drives. */
  owner: string;
  /** Rejects when the store cannot be asked. */
  ping(): Promise<void>;
} & AsyncDisposable;

export type ChatStoreOptions = Partial<ReplicaOptions> & {
  bounds?: LogBounds;
  /** Told of each gap that somebody met in a turn's events. */
  onGap?: ((cause: GapCause) => void) | undefined;
};

/** Milliseconds that events may gather under load: a group append costs PGlite more than Postgres. */
const FLUSH_MS = { pglite: 25, postgres: 10 };

const PING: Statement = { name: "chat.ping", text: "select 1" };

/** Milliseconds after which a silent replica counts as dead, unless the configuration says otherwise. */
const LEASE_MS = 1_500;

/**
 * The chat schema in its folder of the data folder, which is this process's alone, or on Postgres, which other replicas may serve
 * too. What a dead process left is taken over by one that lives, or else ended.
 */
export async function openChatStore(
  place: StorePlace,
  log: Logger,
  { bounds, onGap, ...replicas }: ChatStoreOptions = {},
): Promise<ChatStore> {
  const stack = new DisposalStack();
  const owner = v4();
  const location = locationIn(place, "chat");
  const shared = "url" in location;
  const flushMs = shared ? FLUSH_MS.postgres : FLUSH_MS.pglite;
  const replica = shared ? { leaseMs: LEASE_MS, ...replicas } : undefined;
  try {
    const db = stack.use(await openDatabase(location, { ...CHAT_SCHEMA, log }));
    const turnLog = stack.use(await openTurnLog({ db, owner, flushMs, log, replica, ...bounds, onGap }));
    const conversations = createConversations({ db, newId: v7, now: () => new Date() });
    const ping = async () => void (await db.systemQuery(LOG_ROLE, PING));
    const usage = createUsageBook(db);
    return {
      turnLog,
      conversations,
      usage,
      owner,
      ping,
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}
