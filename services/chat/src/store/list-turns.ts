import type { Database } from "@forerun/db/database";
import type { Caller } from "@forerun/runtime/caller";
import { validate } from "uuid";
import type { Page } from "../ports.ts";
import type { Turn } from "../turn.ts";
import { decodeIdKey, encodeIdKey, LAST_ID, pageOf } from "./page-key.ts";
import { LIST_TURNS_OF_CONVERSATION, LIST_TURNS_OF_SUBJECT, type TurnRow } from "./read-statements.ts";
import { turnOf } from "./read-turn.ts";

/** Turns, newest first: those of a conversation, or of the caller's own conversations. */
export async function listTurns(
  db: Database,
  caller: Caller,
  conversationId: string | undefined,
  size: number,
  after: string | undefined,
): Promise<Page<Turn>> {
  const key = after === undefined ? { id: LAST_ID } : decodeIdKey(after);
  if (!key) return { kind: "bad_page_token" };
  if (conversationId !== undefined && !validate(conversationId)) return emptyPage();
  const statement = conversationId === undefined ? LIST_TURNS_OF_SUBJECT : LIST_TURNS_OF_CONVERSATION;
  const values = [conversationId ?? caller.subject, key.id, size + 1];
  const rows = await db.query<TurnRow>(caller, statement, values);
  const page = pageOf(rows, size, encodeIdKey, (row) => row);
  if (page.kind !== "page") return page;
  const items: Turn[] = [];
  for (const row of page.items) items.push(await turnOf(db, caller, row));
  return { ...page, items };
}

function emptyPage(): Page<Turn> {
  return { kind: "page", items: [], next: undefined };
}
