import type { Caller } from "@forerun/runtime/caller";
import { STORES } from "@forerun/testing/stores";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Accepted, BusyReplica, BusyRun, type Step } from "./fixtures/busy-run.ts";
import { eventsIn, freshCaller, openLog, readAll, startLog } from "./fixtures/log-bench.ts";
import { isTerminal } from "./terminal-event.ts";

const replica = fc.constantFrom(0 as const, 1 as const);
const begins = fc.record({
  kind: fc.constant("begin" as const),
  conversation: fc.nat({ max: 1 }),
  policy: fc.constantFrom("reject" as const, "enqueue", "enqueue", "enqueue", "interrupt", "rollback"),
  behaviour: fc.constantFrom("ends" as const, "ends", "waits", "waits", "gives up"),
  replica,
  apart: fc.boolean(),
});
const cancels = fc.record({ kind: fc.constant("cancel" as const), turn: fc.nat({ max: 20 }), replica });
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: begins },
    { weight: 2, arbitrary: cancels },
    { weight: 1, arbitrary: fc.constant({ kind: "leave" as const }) },
  ),
  { minLength: 3, maxLength: 16 },
);

for (const { name, suite, start } of STORES) {
  suite(`any order of turns in busy conversations on ${name}`, () => {
    let bench: Awaited<ReturnType<typeof startLog>>;
    let replicas: [BusyReplica, BusyReplica];

    beforeAll(async () => {
      bench = await startLog(start);
      const open = async () => new BusyReplica(await openLog(bench.db, { replica: { leaseMs: 1_500 } }));
      replicas = [await open(), await open()];
    });
    afterAll(async () => {
      for (const { log } of replicas) await log[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
    });

    async function play(all: readonly Step[]): Promise<{ caller: Caller; run: BusyRun }> {
      const caller = freshCaller();
      const made = [
        await bench.conversations.create(caller, "a"),
        await bench.conversations.create(caller, "b"),
      ];
      const run = new BusyRun(
        caller,
        replicas,
        made.map(({ conversationId }) => conversationId),
      );
      const under: Promise<void>[] = [];
      for (const step of all) {
        const taking = run.take(step);
        // What is not apart may meet the steps that follow.
        if (step.kind === "begin" && step.apart) await taking;
        under.push(taking);
      }
      await Promise.all(under);
      await run.settle();
      return { caller, run };
    }

    async function endsOnce(caller: Caller, { turnId }: Accepted): Promise<void> {
      const events = eventsIn(await readAll(replicas[0].log, caller, turnId));
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
      expect(events.filter(({ body }) => isTerminal(body))).toHaveLength(1);
      expect(events.at(-1)?.sequence).toBe((await replicas[1].log.get(caller, turnId))?.lastSequence);
    }

    /** What is said in one turn stands together: no other ran meanwhile. */
    async function holdsTogether(caller: Caller, conversationId: string): Promise<void> {
      const page = await bench.conversations.messages(caller, conversationId, 500, undefined);
      const turns = page?.kind === "page" ? page.items.map(({ turnId }) => turnId) : [];
      const runs = turns.filter((turnId, at) => turnId !== turns[at - 1]);
      expect(new Set(runs).size).toBe(runs.length);
    }

    it("ends every turn once, leaves none waiting, and runs one at a time in a conversation", async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const { caller, run } = await play(all);
          for (const turn of run.accepted) await endsOnce(caller, turn);
          for (const conversationId of run.conversations) await holdsTogether(caller, conversationId);
          expect(new Set(run.started).size).toBe(run.started.length);
        }),
        { numRuns: 40 },
      );
    });

    it("starts turns that wait in the order in which they came, and those that end another in theirs", async () => {
      const one = steps.map((all) =>
        all.map((step) => (step.kind === "begin" ? { ...step, apart: true } : step)),
      );
      await fc.assert(
        fc.asyncProperty(one, async (all) => {
          const { run } = await play(all);
          for (const lane of [["enqueue"], ["interrupt", "rollback"]]) {
            for (const conversation of run.conversations) {
              const came = run.accepted
                .filter(
                  (turn) => turn.conversationId === conversation && lane.includes(turn.policy) && turn.waited,
                )
                .map(({ turnId }) => turnId);
              const ran = run.started.filter((turnId) => came.includes(turnId));
              expect(ran).toEqual(came.filter((turnId) => ran.includes(turnId)));
            }
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}
