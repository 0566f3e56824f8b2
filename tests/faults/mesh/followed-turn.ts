import { setTimeout as sleep } from "node:timers/promises";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { type ChatClient, eventsOf, isTerminal } from "../../support/chat-client.ts";

/** What its client saw of one turn, over however many connections. */
export type FollowedTurn = {
  mark: string;
  turnId: string | undefined;
  events: TurnEvent[];
  /** Connections it took. */
  attaches: number;
  /** Set when the client gave up. */
  gaveUp: string | undefined;
};

type Question = { text: string; mark: string };

const PAUSE_MS = 100;
/** A try that is not answered is tried again; the same key makes it the same turn. */
const TRY_MS = 5_000;

export type FollowOptions = {
  withinMs: number;
  /** Sees the turn after every event. */
  watch?(turn: FollowedTurn): void;
  /** Tells after every event whether the client's connection breaks now. */
  leave?(turn: FollowedTurn): boolean;
};

/**
 * Asks and follows a turn to its end as a careful client does: by one idempotency key, and from where it stood on any other
 * replica when a connection breaks. `watch` sees every event. Never rejects.
 */
export async function followTurn(
  chats: () => ChatClient[],
  { text, mark }: Question,
  options: FollowOptions,
): Promise<FollowedTurn> {
  const turn: FollowedTurn = { mark, turnId: undefined, events: [], attaches: 0, gaveUp: undefined };
  const { withinMs } = options;
  const over = AbortSignal.timeout(withinMs);
  let fault: unknown;
  while (!over.aborted) {
    try {
      const client = anyOf(chats());
      if (client && (await followOnce(client, turn, { text, idempotencyKey: mark }, over, options)))
        return turn;
    } catch (cause) {
      fault = cause;
    }
    await sleep(PAUSE_MS);
  }
  turn.gaveUp = `no end within ${withinMs} ms (${String(fault)})`;
  return turn;
}

/** True once the terminal event is seen. */
async function followOnce(
  client: ChatClient,
  turn: FollowedTurn,
  input: { text: string; idempotencyKey: string },
  signal: AbortSignal,
  { watch, leave }: FollowOptions,
): Promise<boolean> {
  const create = { signal: AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]) };
  turn.turnId ??= (await client.createTurn({ input }, create)).turn?.turnId;
  turn.attaches += 1;
  const last = turn.events.at(-1);
  const cursor = { turnId: turn.turnId ?? "", epoch: last?.epoch ?? 0, afterSequence: last?.sequence ?? 0 };
  for await (const event of eventsOf(client.streamTurn(cursor, { signal }))) {
    if (event.event.case === "goAway") return false;
    turn.events.push(event);
    watch?.(turn);
    if (isTerminal(event)) return true;
    if (leave?.(turn)) return false;
  }
  return false;
}

function anyOf<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
