import { setTimeout } from "node:timers/promises";
import type { HandlerContext } from "@connectrpc/connect";
import { valuesOf } from "@forerun/rpc/call-context";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { expect, it } from "vitest";
import { Departure } from "../departure.ts";
import { acceptedTurn } from "../fold-turn.ts";
import type { TurnLog } from "../ports.ts";
import type { Turn } from "../turn.ts";
import type { StreamItem } from "../turn-event.ts";
import { endedTurn, FROM_THE_START, followTurn } from "./follow-turn.ts";

const ctx = {
  signal: new AbortController().signal,
  values: valuesOf(LOCAL_CALLER, undefined),
} as HandlerContext;

/** A log whose stream of a turn gives these items and stops; `turn` is what it knows of the turn afterwards. */
function logOf(turn: Turn | undefined, ...items: StreamItem[]): TurnLog {
  async function* stream() {
    yield* items;
  }
  return {
    get: async () => turn,
    attach: async () => ({ kind: "attached", items: stream() }),
  } as unknown as TurnLog;
}

/** What handlers work on, where the turn runs in this process or elsewhere. */
function depsOf(turnLog: TurnLog, here = true, departure = new Departure()) {
  return { turnLog, turns: { drives: () => here }, departure };
}

async function follow(log: TurnLog): Promise<number> {
  let events = 0;
  for await (const _ of followTurn(depsOf(log), ctx, "t1", FROM_THE_START)) events += 1;
  return events;
}

it("tells readers of a turn that is deleted that there is no such turn any more", async () => {
  const log = logOf(undefined, { kind: "heartbeat", turnId: "t1" });
  await expect(follow(log)).rejects.toMatchObject({ code: "FR-E1702", status: "not_found" });
  await expect(endedTurn(depsOf(log), ctx, "t1")).rejects.toMatchObject({ code: "FR-E1702" });
});

it("has nothing more to say to a reader who has the last event", async () => {
  const ids = { turnId: "t1", conversationId: "k1", epoch: 1, traceId: "", createTime: new Date() };
  expect(await follow(logOf(acceptedTurn(ids)))).toBe(0);
});

it("lets a reader go that is sent elsewhere", async () => {
  const log = logOf(undefined, { kind: "goAway", turnId: "t1", reason: "shutdown" });
  expect(await follow(log)).toBe(1);
  await expect(endedTurn(depsOf(log), ctx, "t1")).rejects.toMatchObject({ code: "FR-E1709" });
});

/** A log whose streams have no end but their reader's. */
function silentLog(): TurnLog {
  return {
    attach: async (_caller: unknown, turnId: string, _cursor: unknown, signal: AbortSignal) => {
      async function* stream(): AsyncGenerator<StreamItem> {
        yield { kind: "heartbeat", turnId };
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      }
      return { kind: "attached", items: stream() };
    },
  } as unknown as TurnLog;
}

it.each([
  ["of a turn elsewhere", "when this process says that it leaves", false],
  ["of a turn here", "when the turns here are over", true],
])("sends a reader %s away %s", async (_turn, _when, here) => {
  const departure = new Departure();
  const events = followTurn(depsOf(silentLog(), here, departure), ctx, "t1", FROM_THE_START);
  expect((await events.next()).value?.event.case).toBe("heartbeat");
  const last = events.next();
  departure.announce();
  if (here) {
    await expect(Promise.race([last, setTimeout(20, "stays")])).resolves.toBe("stays");
    departure.end();
  }
  expect((await last).value?.event.case).toBe("goAway");
  expect((await events.next()).done).toBe(true);
});
