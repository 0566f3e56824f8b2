import { setTimeout } from "node:timers/promises";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { FairPlaces } from "@forerun/runtime/fair-places";
import { silentLogger } from "@forerun/runtime/logger";
import { passThroughTracer } from "@forerun/telemetry/tracing";
import { expect, it } from "vitest";
import type { Collaborators } from "./collaborators.ts";
import { collaborators, hang, memoryLog } from "./fixtures/driven-turn.ts";
import type { BeginOutcome, TurnLease, TurnLog } from "./ports.ts";
import { Expectations } from "./speculation/expectations.ts";
import { type TurnRequest, Turns } from "./turns.ts";

const REQUEST: TurnRequest = {
  conversationId: undefined,
  text: "17% of 2400",
  past: [],
  idempotencyKey: undefined,
  requestHash: "",
  policy: "reject",
  toolChoice: "auto",
  speculation: "off",
  allowedTools: [],
  limits: { maxModelCalls: 2, maxToolCalls: 8, maxOutputTokens: 0, maxCostMicros: 0 },
  deadlineMs: 60_000,
  trace: undefined,
};

function begun(): BeginOutcome {
  const createTime = new Date();
  const deadline = new Date(createTime.getTime() + 60_000);
  const ids = { tenant: "local", turnId: "t1", conversationId: "k1", epoch: 1 };
  return { kind: "begun", lease: { ...ids, createTime, deadline }, history: [] };
}

function open(parts: { log?: Partial<TurnLog>; services?: Partial<Collaborators>; stopMs?: number } = {}) {
  const memory = memoryLog();
  const abandoned: string[] = [];
  const turnLog = {
    ...memory.log,
    begin: async () => begun(),
    abandon: ({ turnId }: TurnLease) => void abandoned.push(turnId),
    ...parts.log,
  } as TurnLog;
  const turns = new Turns({
    turnLog,
    collaborators: collaborators(parts.services),
    tracer: passThroughTracer,
    now: () => new Date(),
    log: silentLogger,
    speculation: {
      enabled: false,
      answer: false,
      minPTool: 0.5,
      minPArguments: 0.6,
      maxPerTurn: 2,
      maxWaste: 0.5,
    },
    expectations: new Expectations(),
    observer: { started() {}, ended() {} },
    places: new FairPlaces({ running: 2, waiting: 0 }),
    beginnings: new FairPlaces({ running: 1, waiting: 1 }),
    ...(parts.stopMs === undefined ? {} : { stopMs: parts.stopMs }),
  });
  return { turns, memory, abandoned };
}

const asked = new AbortController().signal;

const hanging: Partial<Collaborators> = {
  async *route(_question, { signal }) {
    yield await hang(signal);
  },
};

it("drains a turn whose acceptance was under way, so that no turn outlives the drain", async () => {
  let accept: (outcome: BeginOutcome) => void = () => {};
  const begin = () => new Promise<BeginOutcome>((resolve) => (accept = resolve));
  const { turns, memory } = open({ log: { begin }, services: hanging });
  const starting = turns.start(LOCAL_CALLER, REQUEST, asked);
  const drained = turns.drain(0);
  await expect(Promise.race([drained, setTimeout(20, "waits")])).resolves.toBe("waits");
  accept(begun());
  await Promise.all([starting, drained]);
  expect(memory.finished.map(({ state, reason }) => [state, reason])).toEqual([["cancelled", "shutdown"]]);
});

it("does not wait for ever for a turn that a hanging store keeps", async () => {
  const finish = () => new Promise<never>(() => {});
  const { turns } = open({ log: { finish }, services: hanging, stopMs: 20 });
  await turns.start(LOCAL_CALLER, REQUEST, asked);
  await turns.drain(0);
  expect(turns.accepting).toBe(false);
});

it("hands a turn that cannot be ended as it should to the log", async () => {
  const finish = () => Promise.reject(new Error("the store is away"));
  const { turns, abandoned } = open({ log: { finish } });
  await turns.start(LOCAL_CALLER, REQUEST, asked);
  await turns.drain(1_000);
  expect(abandoned).toEqual(["t1"]);
});

/** Begins turns with ids of their own. */
function beginning(): Partial<TurnLog> {
  let turns = 0;
  return {
    begin: async ({ tenant }) => {
      const begin = begun() as Extract<BeginOutcome, { kind: "begun" }>;
      return { ...begin, lease: { ...begin.lease, tenant, turnId: `t${++turns}` } };
    },
  };
}

it("refuses a turn while as many run as may, before it is stored", async () => {
  const log = beginning();
  const { turns } = open({ log, services: hanging });
  const start = () => turns.start(LOCAL_CALLER, REQUEST, asked);
  expect(await start()).toEqual({ kind: "started", turnId: "t1" });
  expect(await start()).toEqual({ kind: "started", turnId: "t2" });
  expect(turns.isFull("local")).toBe(true);
  expect(await start()).toEqual({ kind: "full" });
  await turns.stop("local", "t1", "user");
  expect(turns.isFull("local")).toBe(false);
  expect(await start()).toEqual({ kind: "started", turnId: "t3" });
  expect(turns.drives("t3")).toBe(true);
  await turns.drain(0);
});

it("accepts turns at the store's pace, and refuses at once those for whom there is no line left", async () => {
  const stored: (() => void)[] = [];
  const { begin } = beginning();
  const slow: TurnLog["begin"] = async (caller, input) => {
    await new Promise<void>((resolve) => stored.push(resolve));
    return (begin as TurnLog["begin"])(caller, input);
  };
  const { turns } = open({ log: { begin: slow }, services: hanging });
  const start = (tenant: string) => turns.start({ ...LOCAL_CALLER, tenant }, REQUEST, asked);
  const first = start("loud");
  const second = start("loud");
  expect([turns.isFull("loud"), turns.isFull("quiet")]).toEqual([true, false]);
  expect(await start("loud")).toEqual({ kind: "full" });
  expect(stored).toHaveLength(1);
  stored.shift()?.();
  expect(await first).toEqual({ kind: "started", turnId: "t1" });
  expect(stored).toHaveLength(1);
  stored.shift()?.();
  expect(await second).toEqual({ kind: "started", turnId: "t2" });
  await turns.drain(0);
});

it("gives the place of a turn back that was not begun", async () => {
  const outcomes: (() => Promise<BeginOutcome>)[] = [
    async () => ({ kind: "busy", turnId: "t9" }),
    () => Promise.reject(new Error("the store is away")),
  ];
  const begin = () => outcomes.shift()?.() ?? Promise.resolve(begun());
  const { turns } = open({ log: { begin }, services: hanging });
  expect(await turns.start(LOCAL_CALLER, REQUEST, asked)).toEqual({ kind: "busy", turnId: "t9" });
  await expect(turns.start(LOCAL_CALLER, REQUEST, asked)).rejects.toThrow("the store is away");
  expect(turns.room).toBe(2);
  await turns.drain(0);
});
