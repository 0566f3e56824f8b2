/** What one tenant owns, and what another would like to reach. */
import type { DescMethod } from "@bufbuild/protobuf";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import type { Caller } from "@forerun/runtime/caller";
import { v7 } from "uuid";
import { type Doors, wayTo } from "./caller-at-a-door.ts";

/** Names of one tenant's things; `canary` is a word that stands in all its texts and nowhere else. */
export type Loot = Readonly<{
  tenant: string;
  canary: string;
  conversationId: string;
  turnId: string;
  documentId: string;
  callId: string;
  idempotencyKey: string;
  /** Of each listing, a token that leads to its second page. */
  pageTokens: Readonly<Record<"conversations" | "turns" | "messages" | "documents", string>>;
}>;

/** With every role that a token can give. */
export const callerOf = (tenant: string): Caller => ({
  tenant,
  subject: "someone",
  roles: ["user", "evaluator", "operator", "admin"],
});

/** The same for all tenants but for their canaries. */
const QUESTION = "What is 17% of 2400?";
const DOCUMENT = "The plover nests on open ground in May. It lays four eggs.";
const DOCUMENT_URI = "birds/plover.md";
const KEY_OF_ALL = "key-1";
export const SEARCH = "Where does the plover nest?";
/** Documents of one tenant. */
const DOCUMENTS = 3;

/** Puts things there for a tenant, under equal texts and keys. */
export async function settle(doors: Doors, tenant: string, canary: string): Promise<Loot> {
  const caller = callerOf(tenant);
  const { createConversation, ask, listConversations, listTurns, listMessages } = ChatService.method;
  const { ingest, listDocuments } = MemoryService.method;
  const answer = async (method: DescMethod, request: object) => {
    const { code, text } = await doors.call(wayTo(doors, method), request, { caller });
    if (code !== undefined) throw new Error(`${tenant} was refused ${method.name}: ${text}`);
    return JSON.parse(text);
  };
  const made = await answer(createConversation, { title: `Sums ${canary}` });
  const { conversationId } = made.conversation;
  await answer(createConversation, { title: `More ${canary}` });
  const input = { conversationId, text: `${QUESTION} ${canary}` };
  const { turn } = await answer(ask, { input: { ...input, idempotencyKey: KEY_OF_ALL } });
  const idempotencyKey = `key-of-${tenant}`;
  await answer(ask, { input: { ...input, idempotencyKey } });
  let documentId = "";
  for (let at = 0; at < DOCUMENTS; at += 1) {
    const uri = at === 0 ? DOCUMENT_URI : `birds/${at}.md`;
    const document = { uri, mediaType: "text/markdown", text: `${DOCUMENT} ${canary} ${at}`, title: "" };
    documentId = (await answer(ingest, document)).documentId;
  }
  const first = { pageSize: 1 };
  return {
    tenant,
    canary,
    conversationId,
    turnId: turn.turnId,
    documentId,
    callId: turn.toolCalls?.[0]?.call?.callId ?? "call_1",
    idempotencyKey,
    pageTokens: {
      conversations: (await answer(listConversations, first)).nextPageToken,
      turns: (await answer(listTurns, { ...first, conversationId })).nextPageToken,
      messages: (await answer(listMessages, { ...first, conversationId })).nextPageToken,
      documents: (await answer(listDocuments, first)).nextPageToken,
    },
  };
}

/** Names of things that were never there. */
export function nothing({ pageTokens, callId }: Loot): Loot {
  return {
    tenant: "absent",
    canary: "",
    conversationId: v7(),
    turnId: v7(),
    documentId: v7(),
    callId,
    idempotencyKey: v7(),
    pageTokens,
  };
}

/** All that a tenant's own can be read as. What changes by itself is left out. */
export async function inventory(
  doors: Doors,
  { tenant, conversationId, turnId, documentId }: Loot,
): Promise<string[]> {
  const caller = callerOf(tenant);
  const { getConversation, getTurn, listTurns, listMessages, streamTurn } = ChatService.method;
  const { getDocument } = MemoryService.method;
  const read = (method: DescMethod, request: object) => doors.call(wayTo(doors, method), request, { caller });
  const reads = [
    read(getConversation, { conversationId }),
    read(getTurn, { turnId }),
    read(streamTurn, { turnId }),
    read(listTurns, { conversationId }),
    read(listMessages, { conversationId }),
    read(getDocument, { documentId }),
  ];
  return (await Promise.all(reads)).map(({ text }) => text);
}
