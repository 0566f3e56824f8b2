import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { validate } from "uuid";
import type { Conversation, Conversations, Message, Page } from "../ports.ts";
import {
  decodeIdKey,
  decodeTimeKey,
  encodeIdKey,
  encodeTimeKey,
  FIRST_ID,
  LAST_ID,
  pageOf,
} from "./page-key.ts";
import {
  type ConversationRow,
  CREATE_CONVERSATION,
  DELETE_CONVERSATION,
  DELETE_EVENTS_OF_CONVERSATION,
  GET_CONVERSATION,
  LIST_CONVERSATIONS,
  LIST_MESSAGES,
  LOCK_TURNS_OF_CONVERSATION,
  type MessageRow,
  RENAME_CONVERSATION,
} from "./read-statements.ts";
import { LOCK_CONVERSATION } from "./turn-statements.ts";

export type ConversationDeps = { db: Database; newId(): string; now(): Date };

/** The tenant's conversations; a listing shows those of the caller's subject. */
export function createConversations({ db, newId, now }: ConversationDeps): Conversations {
  const one = async (rows: Promise<ConversationRow[]>) => {
    const [row] = await rows;
    return row && toConversation(row);
  };
  return {
    async create(caller, title) {
      const values = [newId(), caller.subject, title, now()];
      const made = await one(db.query(caller, CREATE_CONVERSATION, values));
      if (!made) throw new Error("creating a conversation gave no row");
      return made;
    },
    get: async (caller, id) => (validate(id) ? one(db.query(caller, GET_CONVERSATION, [id])) : undefined),
    list: (caller, size, after) => listConversations(db, caller, size, after),
    rename: async (caller, id, title) =>
      validate(id) ? one(db.query(caller, RENAME_CONVERSATION, [id, title])) : undefined,
    remove: async (caller, id) => validate(id) && removeConversation(db, caller, id),
    messages: (caller, id, size, after) => listMessages(db, caller, id, size, after),
  };
}

async function listConversations(
  db: Database,
  caller: Caller,
  size: number,
  after: string | undefined,
): Promise<Page<Conversation>> {
  const key = after === undefined ? { time: "infinity", id: LAST_ID } : decodeTimeKey(after);
  if (!key) return { kind: "bad_page_token" };
  const values = [caller.subject, key.time, key.id, size + 1];
  const rows = await db.query<ConversationRow>(caller, LIST_CONVERSATIONS, values);
  return pageOf(rows, size, ({ updated, id }) => encodeTimeKey({ time: updated, id }), toConversation);
}

async function listMessages(
  db: Database,
  caller: Caller,
  id: string,
  size: number,
  after: string | undefined,
): Promise<Page<Message> | undefined> {
  if (!validate(id)) return undefined;
  const key = after === undefined ? { id: FIRST_ID } : decodeIdKey(after);
  if (!key) return { kind: "bad_page_token" };
  return db.tx(caller, async (query) => {
    const known = query<ConversationRow>(GET_CONVERSATION, [id]);
    const listed = query<MessageRow>(LIST_MESSAGES, [id, key.id, size + 1]);
    const [[conversation], rows] = await Promise.all([known, listed]);
    return conversation && pageOf(rows, size, encodeIdKey, toMessage);
  });
}

async function removeConversation(db: Database, caller: Caller, id: string): Promise<boolean> {
  return db.tx(caller, async (query) => {
    const locked = [query(LOCK_CONVERSATION, [id]), query(LOCK_TURNS_OF_CONVERSATION, [id])];
    const events = query(DELETE_EVENTS_OF_CONVERSATION, [id]);
    // Messages and turns go with their conversation.
    const deleted = query(DELETE_CONVERSATION, [id]);
    const [rows] = await Promise.all([deleted, events, ...locked]);
    return rows.length > 0;
  });
}

function toConversation(row: ConversationRow): Conversation {
  return { conversationId: row.id, title: row.title, createTime: row.created, updateTime: row.updated };
}

function toMessage(row: MessageRow): Message {
  return {
    messageId: row.id,
    conversationId: row.conversation_id,
    role: row.role,
    text: row.content,
    turnId: row.turn_id ?? "",
    createTime: row.created,
  };
}
