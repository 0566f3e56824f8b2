import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openRecord } from "./call-record.ts";
import type { Collaborators } from "./collaborators.ts";
import { deciding, result } from "./fixtures/deciding-rounds.ts";
import { call, collaborators, drive, memoryLog, ONE_CALL } from "./fixtures/driven-turn.ts";
import type { ToolCall, Turn } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";

/** A call that is like no other; `of` makes it wait for an earlier one of its round. */
const wish = fc.option(fc.nat({ max: 2 }), { nil: undefined });

const world = fc.record({
  rounds: fc.array(fc.array(wish, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 2 }),
  failing: fc.subarray(["c1", "c2", "c3", "c4", "c5"], { maxLength: 2 }),
  /** How long each call takes, in turns of the event loop. */
  pace: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 6 }),
  /** Where the first owner dies, as a share of what it would write. */
  death: fc.double({ min: 0, max: 1, noNaN: true }),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

const LIMITS = { maxModelCalls: 4, maxToolCalls: 16 };

describe("a turn whose owner dies at any point of it", () => {
  it("goes on without repeating what has ended, and asks again, as such, only for what was under way", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const rounds = roundsOf(given);
        const first = memoryLog();
        await drive({ ...services(given), ...deciding(...rounds) }, { log: first, limits: LIMITS });
        const before = first.batches.slice(0, Math.round(given.death * first.batches.length)).flat();
        const next = await resume(given, rounds, before);
        const written = next.log.written;
        expect(written[0]?.kind).toBe("outputReset");
        expect(kinds([...before, ...written], "turnCreated")).toBe(1);
        expect(kinds([...before, ...written], "routeDecided")).toBe(kinds(first.written, "routeDecided"));
        expect(next.answers).toBe(kinds(before, "outputTextDone") === 1 ? 0 : 1);
        expect(next.made).toEqual(due(before, next.turn));
        expect(outcomes(next.turn)).toEqual(outcomes(first.finished[0]));
        expect(next.log.finished).toHaveLength(1);
        expect(next.turn).toMatchObject({ state: "completed", text: "It is 408.", epoch: 2 });
      }),
      { numRuns: 1_000, seed: 20_261_124 },
    );
  }, 60_000);

  it("drops the calls that were begun early and never decided for", async () => {
    const record = { ...openRecord(call("c1"), 0), early: true };
    const after: TurnEventBody[] = [
      { kind: "toolCallDrafted", record },
      { kind: "toolCallStarted", record },
    ];
    const { turn } = await drive(deciding([call("c1", { n: 1 })]), { after });
    expect(outcomes(turn)).toEqual([
      ["c1", "cancelled"],
      ["c2", "committed"],
    ]);
  });

  it("answers from the passages that were found before", async () => {
    let searched = 0;
    const source = { documentId: "d", title: "", uri: "", page: 0, start: 0, end: 1, quote: "x" };
    const after: TurnEventBody[] = [
      { kind: "memoryRetrieved", snippets: [{ source, score: 1, headings: [] }] },
    ];
    const asked: number[] = [];
    await drive(
      {
        search: async () => {
          searched += 1;
          return [];
        },
        async *generate({ snippets }) {
          asked.push(snippets.length);
          yield { kind: "done", finish: "stop", usage: ONE_CALL };
        },
      },
      { after },
    );
    expect([searched, asked]).toEqual([0, [1]]);
  });
});

async function resume(given: World, rounds: ToolCall[][], before: readonly TurnEventBody[]) {
  const made: string[] = [];
  const decided = kinds(before, "routeDecided");
  const parts = { ...services(given, made), ...deciding(...rounds.slice(decided)) };
  let answers = 0;
  const generate: Collaborators["generate"] = async function* (...asked) {
    answers += 1;
    yield* collaborators().generate(...asked);
  };
  const { turn, log } = await drive({ ...parts, generate }, { after: before, limits: LIMITS });
  return { made: made.sort(), answers, turn, log };
}

function roundsOf({ rounds }: World): ToolCall[][] {
  let count = 0;
  return rounds.map((round) => {
    const first = count + 1;
    return round.map((of, at) => {
      count += 1;
      const source = of === undefined || of >= at ? undefined : `c${first + of}`;
      return source ? call(`c${count}`, { v: `$${source}` }, [source]) : call(`c${count}`, { n: count });
    });
  });
}

function services({ failing, pace }: World, made: string[] = []): Partial<Collaborators> {
  return {
    async *execute({ callId }, _turnId, { attempt }) {
      made.push(`${callId} ${attempt ?? 1}`);
      yield { kind: "accepted", writes: true };
      for (let step = pace[made.length % pace.length] ?? 0; step > 0; step -= 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (failing.includes(callId)) yield { kind: "failure", code: "failed", message: "no" };
      else yield result(1);
    },
  };
}

/** The calls that are to be made once more or for the first time: all that ran in the end and had not ended before. */
function due(before: readonly TurnEventBody[], turn: Turn | undefined): string[] {
  const started = new Set<string>();
  const ended = new Set<string>();
  for (const body of before) {
    if (body.kind === "toolCallStarted") started.add(body.record.call.callId);
    if (body.kind === "toolCallOutput" || body.kind === "toolCallFailed") ended.add(body.record.call.callId);
  }
  return (turn?.toolCalls ?? [])
    .filter(({ outcome, errorCode }) => outcome !== "denied" && errorCode !== "dependency_failed")
    .map(({ call: { callId } }) => callId)
    .filter((callId) => !ended.has(callId))
    .map((callId) => `${callId} ${started.has(callId) ? 2 : 1}`)
    .sort();
}

function outcomes(turn: Turn | undefined): [string, string][] {
  const all = (turn?.toolCalls ?? []).map(({ call, outcome }): [string, string] => [call.callId, outcome]);
  return all.sort(([one], [other]) => one.localeCompare(other));
}

function kinds(events: readonly TurnEventBody[], kind: TurnEventBody["kind"]): number {
  return events.filter((body) => body.kind === kind).length;
}
