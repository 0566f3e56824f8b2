import { openDatabase } from "@forerun/db/open";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Logger } from "@forerun/runtime/logger";
import { v4, v7 } from "uuid";
import type { Conversations, TurnLog } from "../ports.ts";
import { createConversations } from "./conversations.ts";
import { CHAT_SCHEMA } from "./schema.ts";
import { openTurnLog } from "./turn-log.ts";

export type ChatStore = { turnLog: TurnLog; conversations: Conversations } & AsyncDisposable;

/** Milliseconds that events may gather under load: a group append costs PGlite more than Postgres. */
const FLUSH_MS = { pglite: 25, postgres: 10 };

/** The chat schema on Postgres, or in its folder of the data folder; turns that a dead process left are ended. */
export async function openChatStore(
  place: { databaseUrl: string | undefined; dataDir: string },
  log: Logger,
): Promise<ChatStore> {
  const stack = new DisposalStack();
  const { databaseUrl: url, dataDir } = place;
  const location = url === undefined ? { dataDir, folder: "chat" as const } : { url };
  const flushMs = url === undefined ? FLUSH_MS.pglite : FLUSH_MS.postgres;
  try {
    const db = stack.use(await openDatabase(location, { ...CHAT_SCHEMA, log }));
    const turnLog = stack.use(await openTurnLog({ db, owner: v4(), flushMs, log }));
    const conversations = createConversations({ db, newId: v7, now: () => new Date() });
    return { turnLog, conversations, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}
