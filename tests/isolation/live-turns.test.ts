/** Turns that run: what a replica knows of them beside the store is for their tenant alone. */
import type { OpenedBus } from "@forerun/bus/open-bus";
import { openBus } from "@forerun/bus/open-bus";
import { hang, ONE_CALL } from "@forerun/chat/fixtures/driven-turn";
import { QUESTION, startReplica, type TestReplica } from "@forerun/chat/fixtures/replica";
import { freshCaller, NEVER, START } from "@forerun/chat/store/fixtures/log-bench";
import { readingStart, type Standing } from "@forerun/chat/store/reading-start";
import { SharedReads } from "@forerun/chat/store/shared-reads";
import { WatchedTurns } from "@forerun/chat/store/watched-turns";
import { startPostgres } from "@forerun/components/postgres";
import type { Database } from "@forerun/db/database";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

skipWithout("postgres")("a turn that runs", () => {
  const stack = new DisposalStack();
  const owner = freshCaller();
  let replica: TestReplica;
  let turnId: string;

  beforeAll(async () => {
    const { url } = stack.use(await startPostgres());
    const bus: OpenedBus = await openBus({
      env: "test",
      lane: "default",
      name: "chat",
      url: undefined,
      observe() {},
    });
    stack.use(bus.bus);
    replica = stack.use(
      await startReplica({
        url,
        bus,
        services: {
          async *generate(_question, { signal }) {
            yield { kind: "text", text: "plover-canary" };
            await hang(signal);
            yield { kind: "done", finish: "stop", usage: ONE_CALL };
          },
        },
      }),
    );
    turnId = await replica.ask(owner, {});
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it("is followed by its own tenant and by nobody else, from any cursor", async () => {
    const cursors = [START, { epoch: 1, afterSequence: 0 }, { epoch: 0, afterSequence: 1_000 }];
    for (const cursor of cursors) {
      const outcome = await replica.log.attach(freshCaller(), turnId, cursor, NEVER);
      expect(outcome).toEqual({ kind: "no_turn" });
    }
    expect(await replica.log.attach(owner, turnId, START, NEVER)).toMatchObject({ kind: "attached" });
  });

  it("is ended by its own tenant and by nobody else", async () => {
    const thief = freshCaller();
    expect(await replica.turns.stop(thief.tenant, turnId, "user")).toBeUndefined();
    expect(await replica.stopTurn(thief, turnId, "user", NEVER)).toBeUndefined();
    expect(replica.turns.drives(turnId)).toBe(true);
    expect(await replica.stopTurn(owner, turnId, "user", NEVER)).toBeDefined();
  });

  it("is another one for another tenant with the same text and key", async () => {
    const request = { ...QUESTION, idempotencyKey: "same", requestHash: "same" };
    const [first, second] = [
      await replica.turns.start(freshCaller(), request, NEVER),
      await replica.turns.start(freshCaller(), request, NEVER),
    ];
    expect([first.kind, second.kind]).toEqual(["started", "started"]);
    expect(first).not.toEqual(second);
  });
});

describe("a look into the log", () => {
  it("is shared by those of one tenant who ask at once, and by nobody else", async () => {
    const standings = new SharedReads<Standing | undefined>();
    const asked: string[] = [];
    const turnId = v7();
    const db = {
      query: async ({ tenant }: { tenant: string }) => {
        asked.push(tenant);
        return [];
      },
    } as unknown as Database;
    const ask = (caller = freshCaller()) =>
      readingStart({ db, standings }, undefined, { caller, turnId, cursor: START });
    const one = freshCaller();
    await Promise.all([ask(one), ask(one), ask(), ask()]);
    expect(new Set(asked).size).toBe(3);
  });

  it("at a turn of another replica goes to the tenant that watches", async () => {
    const followed: string[] = [];
    const feed = {
      publish() {},
      follow: async ({ tenant }: { tenant: string }) => void followed.push(tenant),
    };
    const watched = new WatchedTurns({ feed, lastInLog: async () => undefined, pollMs: 60_000 });
    using _one = await watched.watch({ tenant: "acme", turnId: "t1", traceId: "" });
    using _other = await watched.watch({ tenant: "globex", turnId: "t1", traceId: "" });
    expect(followed).toEqual(["acme", "globex"]);
  });
});
