import type { Conversation } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Reach } from "./reach.ts";

const CALL_MS = 10_000;
const PAGE_SIZE = 500;
/** Prefixes are looked for among this many of the newest. */
const PREFIX_PAGES = 4;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of a turn that a person named by its id, a unique prefix, or `last`. */
export async function pickTurn(reach: Reach, name: string): Promise<string> {
  const page = async (pageSize: number, pageToken: string) => {
    const { turns, nextPageToken } = await reach.chat.listTurns(
      { pageSize, pageToken },
      { ...reach.callerOptions(), timeoutMs: CALL_MS },
    );
    return { ids: turns.map((turn: Turn) => turn.turnId), next: nextPageToken };
  };
  return pick(name, page, {
    what: "turn",
    code: "FR-E1702",
    ask: 'ask something first: npx forerun chat "…"',
  });
}

/** The id of a conversation, named in the same ways; `last` is the one last used. */
export async function pickConversation(reach: Reach, name: string): Promise<string> {
  const page = async (pageSize: number, pageToken: string) => {
    const { conversations, nextPageToken } = await reach.chat.listConversations(
      { pageSize, pageToken },
      { ...reach.callerOptions(), timeoutMs: CALL_MS },
    );
    return { ids: conversations.map((item: Conversation) => item.conversationId), next: nextPageToken };
  };
  return pick(name, page, { what: "conversation", code: "FR-E1701", ask: "leave -c out to begin one" });
}

type Pages = (size: number, token: string) => Promise<{ ids: string[]; next: string }>;
type Kind = { what: string; code: "FR-E1701" | "FR-E1702"; ask: string };

async function pick(name: string, page: Pages, kind: Kind): Promise<string> {
  const wanted = name.toLowerCase();
  if (UUID.test(wanted)) return wanted;
  if (wanted === "last") {
    const [newest] = (await page(1, "")).ids;
    if (newest) return newest;
    throw new ForerunError(kind.code, "not_found", `there is no ${kind.what} yet`, kind.ask);
  }
  const matches = await withPrefix(wanted, page);
  const [only, second] = matches;
  if (!only) {
    throw new ForerunError(
      kind.code,
      "not_found",
      `no ${kind.what} begins with "${name}"`,
      "give its id, or last",
    );
  }
  if (!second) return only;
  const shown = matches.slice(0, 3).join(", ");
  const cause = `"${name}" begins ${matches.length} ${kind.what}s: ${shown}${matches.length > 3 ? ", …" : ""}`;
  throw new ForerunError("FR-E1803", "invalid_argument", cause, "give more of the id");
}

async function withPrefix(prefix: string, page: Pages): Promise<string[]> {
  const found: string[] = [];
  let token = "";
  for (let count = 0; count < PREFIX_PAGES; count++) {
    const { ids, next } = await page(PAGE_SIZE, token);
    found.push(...ids.filter((id) => id.startsWith(prefix)));
    if (!next) break;
    token = next;
  }
  return found;
}
