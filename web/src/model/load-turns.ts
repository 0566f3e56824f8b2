import type { Message } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { type Turn, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { ChatClient } from "./follow-turn.ts";
import { newTurnView, type TurnView, withTurn } from "./turn-view.ts";

const PAGE = 200;

/** The turns of a stored conversation, oldest first, each with the message that began it. */
export async function loadTurns(
  client: ChatClient,
  conversationId: string,
  signal: AbortSignal,
): Promise<readonly TurnView[]> {
  const [messages, turns] = await Promise.all([
    allPages((pageToken) => client.listMessages({ conversationId, pageSize: PAGE, pageToken }, { signal })),
    allPages((pageToken) => client.listTurns({ conversationId, pageSize: PAGE, pageToken }, { signal })),
  ]);
  const questions = new Map<string, string>();
  for (const page of messages) for (const message of page.messages) noteQuestion(questions, message);
  return turns
    .flatMap((page) => page.turns)
    .reverse()
    .map((turn) => viewOf(turn, questions.get(turn.turnId) ?? ""));
}

/** The last user message of a turn is its question; ones before it were handed in as history. */
function noteQuestion(questions: Map<string, string>, { role, turnId, text }: Message): void {
  if (role === "user") questions.set(turnId, text);
}

function viewOf(turn: Turn, question: string): TurnView {
  return withTurn(newTurnView(question, TurnState.IN_PROGRESS), turn);
}

async function allPages<T extends { nextPageToken: string }>(
  fetchPage: (pageToken: string) => Promise<T>,
): Promise<T[]> {
  const pages = [await fetchPage("")];
  for (let next = pages[0]?.nextPageToken; next; next = pages.at(-1)?.nextPageToken) {
    pages.push(await fetchPage(next));
  }
  return pages;
}
