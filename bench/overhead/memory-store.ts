/** A chat store that keeps nothing: what a turn costs without one. */
import { randomUUID } from "node:crypto";
import { EventEmitter, on } from "node:events";
import type { Conversations, TurnLease, TurnLog, UsageBook } from "@forerun/chat/ports";
import type { ChatStore } from "@forerun/chat/store/open-store";
import type { StreamItem, TurnEvent, TurnEventBody } from "@forerun/chat/turn-event";

const TERMINAL = new Set(["turnCompleted", "turnIncomplete", "turnFailed", "turnCancelled"]);

type Held = { events: TurnEvent[]; bell: EventEmitter };

export function openMemoryChatStore(): ChatStore {
  const turns = new Map<string, Held>();
  const write = (lease: TurnLease, bodies: readonly TurnEventBody[]) => {
    const turn = turns.get(lease.turnId);
    if (!turn) return "fenced" as const;
    for (const body of bodies) {
      const sequence = turn.events.length + 1;
      const { turnId, epoch, createTime } = lease;
      turn.events.push({ turnId, sequence, epoch, createTime, stepId: "", traceId: "", body });
    }
    turn.bell.emit("events");
    return "durable" as const;
  };
  const turnLog: Partial<TurnLog> = {
    drivenBy() {},
    async begin(caller, input) {
      const turnId = randomUUID();
      turns.set(turnId, { events: [], bell: new EventEmitter() });
      const lease = {
        tenant: caller.tenant,
        turnId,
        conversationId: randomUUID(),
        epoch: 1,
        createTime: new Date(),
        deadline: input.deadline,
      };
      return { kind: "begun", lease, history: [] };
    },
    append: async (lease, events) => write(lease, events),
    async finish(lease, turn) {
      const outcome = write(lease, [{ kind: "turnCompleted", turn }]);
      setTimeout(() => turns.delete(lease.turnId), 1_000);
      return outcome;
    },
    async attach(_caller, turnId, _cursor, signal) {
      const turn = turns.get(turnId);
      return turn ? { kind: "attached", items: follow(turn, signal) } : { kind: "no_turn" };
    },
  };
  return {
    turnLog: turnLog as TurnLog,
    conversations: {} as Conversations,
    usage: {} as UsageBook,
    owner: randomUUID(),
    ping: async () => {},
    async [Symbol.asyncDispose]() {},
  };
}

async function* follow(turn: Held, signal: AbortSignal): AsyncGenerator<StreamItem> {
  const bells = on(turn.bell, "events", { signal });
  for (let next = 0; ; ) {
    while (next < turn.events.length) {
      const event = turn.events[next++];
      if (!event) continue;
      yield { kind: "event", event };
      if (TERMINAL.has(event.body.kind)) return;
    }
    await bells.next();
  }
}
