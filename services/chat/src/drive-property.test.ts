import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerQuestion, Collaborators, Drafted } from "./collaborators.ts";
import { call, decision, drive, memoryLog, ONE_CALL } from "./fixtures/driven-turn.ts";
import type { ToolCall, ToolCallRecord } from "./turn.ts";

const NAMES: readonly string[] = ["alpha", "beta", "gamma"];

/** A call by name and argument; `of` makes the argument a reference to a call of the decision, which may not be there. */
const wish = fc.record({
  name: fc.constantFrom(...NAMES),
  n: fc.integer({ min: 0, max: 2 }),
  of: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 3, nil: undefined }),
});

const world = fc.record({
  writing: fc.subarray([...NAMES], { maxLength: 1 }),
  failing: fc.subarray([...NAMES], { maxLength: 1 }),
  drafted: fc.array(fc.record({ wish, pTool: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 3 }),
  decided: fc.array(wish, { maxLength: 4 }),
  /** How many of the decided calls the model has written before the decision is whole, and what else it wrote. */
  written: fc.nat({ max: 4 }),
  alsoWritten: fc.array(wish, { maxLength: 1 }),
  speculation: fc.constantFrom("off", "auto", "with_answer", "with_answer"),
  ending: fc.constantFrom("decides", "decides", "decides", "breaks", "is stopped"),
  pace: fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 8 }),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

describe("whatever is drafted, written, decided and begun early", () => {
  it("no write starts early, nothing that is discarded is seen, every call ends, and so does the turn, once", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const seen = await live(given);
        startsAreAllowed(given, seen);
        discardsAreUnseen(seen);
        everythingEnds(seen);
        answerIsOfTheDecision(given, seen);
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);
});

type Run = { call: ToolCall; early: boolean; decided: boolean; over: boolean; text: string };
type Asked = AnswerQuestion & { whole: boolean };
type Seen = Awaited<ReturnType<typeof live>>;

/** Drives one turn of such a world, and tells what was asked of its services. */
async function live(given: World) {
  const log = memoryLog();
  const runs: Run[] = [];
  const asked: Asked[] = [];
  const committed: string[] = [];
  const stop = new AbortController();
  const dawdle = dawdler(given.pace);
  const services: Pick<Collaborators, "route" | "execute" | "generate" | "commit"> = {
    async *route() {
      for (const { wish: one, pTool } of given.drafted) {
        yield drafted(given, one, "tier0", pTool);
        await dawdle();
      }
      for (const one of [...given.decided.slice(0, given.written), ...given.alsoWritten]) {
        // The router never drafts a call that waits for another.
        if (one.of === undefined) yield drafted(given, one, "decision", 1);
        await dawdle();
      }
      if (given.ending === "breaks") throw new Error("the router broke");
      if (given.ending === "is stopped") stop.abort("user");
      await dawdle();
      yield { kind: "decided", decision: decision(given.decided.map(toCall)), usage: ONE_CALL };
    },
    async *execute(one, _turnId, { signal }, early = false) {
      const text = `${one.name} ${early ? "early" : "late"} ${one.callId} ${runs.length}`;
      const run = { call: one, early, decided: log.kinds().includes("routeDecided"), over: false, text };
      runs.push(run);
      signal.addEventListener("abort", () => {
        run.over = true;
      });
      yield { kind: "accepted", writes: given.writing.includes(one.name) };
      await dawdle();
      run.over = true;
      yield given.failing.includes(one.name)
        ? { kind: "failure", code: "failed", message: text }
        : { kind: "result", output: { value: text }, rendered: text, truncated: false };
    },
    async *generate(question, { signal }) {
      const one = { ...question, whole: false };
      const number = asked.push(one);
      yield { kind: "text", text: `<answer ${number}>` };
      await dawdle();
      signal.throwIfAborted();
      one.whole = true;
      yield { kind: "done", finish: "stop", usage: ONE_CALL };
    },
    async commit(_turnId, callIds) {
      committed.push(...callIds);
    },
  };
  const { turn } = await drive(services, { log, speculation: given.speculation, stop: stop.signal });
  const records = turn?.toolCalls ?? [];
  const said = JSON.stringify([log.written, log.finished]);
  return { turn, records, runs, asked, committed, log, said };
}

function toCall({ name, n, of }: World["decided"][number], at: number): ToolCall {
  const args = of === undefined ? { n } : { n: `$c${of}.value` };
  return { ...call(`c${at + 1}`, args, of === undefined ? [] : [`c${of}`]), name };
}

function drafted(
  { writing }: World,
  one: World["decided"][number],
  source: Drafted["source"],
  pTool: number,
): Drafted {
  const mayStartEarly = !writing.includes(one.name);
  const guess = { ...toCall({ ...one, of: undefined }, 8), callId: "d" };
  return {
    kind: "drafted",
    source,
    call: guess,
    pTool,
    pArguments: source === "tier0" ? 0.9 : 1,
    mayStartEarly,
    costMicros: 0,
  };
}

/** Lets other work go first, for as many steps as the pace says. */
function dawdler(pace: readonly number[]): () => Promise<void> {
  let at = 0;
  return async () => {
    for (let left = pace[at++ % pace.length] ?? 0; left > 0; left--) await Promise.resolve();
  };
}

function startsAreAllowed({ writing, speculation }: World, { runs, log }: Seen): void {
  for (const run of runs) {
    if (writing.includes(run.call.name)) expect([run.early, run.decided]).toEqual([false, true]);
    if (!run.early) expect(run.decided).toBe(true);
  }
  if (speculation === "off") expect(log.kinds()).not.toContain("toolCallDrafted");
}

/** What a discarded call brought is in no prompt that was answered from, not in the log, and not committed for others. */
function discardsAreUnseen({ records, runs, asked, committed, said }: Seen): void {
  const wanted = new Set(records.filter(isDecided).map(({ call: { callId } }) => callId));
  const answered = asked.filter((_, at) => said.includes(`<answer ${at + 1}>`));
  const known = said + JSON.stringify(answered);
  for (const run of runs.filter(({ early, call: { callId } }) => early && !wanted.has(callId)))
    expect(known).not.toContain(run.text);
  expect(committed.filter((callId) => !wanted.has(callId))).toEqual([]);
  // An answer that was begun early is seen only where it is the answer.
  expect(answered.length).toBeLessThanOrEqual(1);
}

function isDecided({ outcome, early, wastedMs, output }: ToolCallRecord): boolean {
  return (
    !early || outcome === "hit" || outcome === "late" || (outcome === "failed" && wastedMs === 0 && !output)
  );
}

function everythingEnds({ turn, records, runs, asked, log }: Seen): void {
  expect(log.finished).toHaveLength(1);
  expect(log.finished[0]?.state).toBe(turn?.state);
  expect(records.filter(({ outcome }) => outcome === "open")).toEqual([]);
  expect(new Set(records.map(({ call: { callId } }) => callId)).size).toBe(records.length);
  expect(runs.filter(({ over }) => !over)).toEqual([]);
  const begun = asked.filter(({ early }) => early).length;
  const discarded = turn?.usage.discardedModelCalls ?? 0;
  expect(begun).toBeLessThanOrEqual(1);
  expect(discarded).toBeLessThanOrEqual(begun);
  // Each answer that was asked for is used or counted as discarded, unless the turn itself was cut off.
  if (turn?.state === "completed") expect(asked.length).toBe(1 + discarded);
}

function answerIsOfTheDecision({ decided }: World, { turn, asked }: Seen): void {
  if (turn?.state !== "completed") return;
  expect(turn.decision?.calls).toHaveLength(decided.length);
  const answer = Number(/<answer (\d)>/.exec(turn.text)?.[1]);
  const ids = asked[answer - 1]?.toolCalls.map((record) => record.call.callId);
  expect(ids?.sort()).toEqual(turn.decision?.calls.map(({ callId }) => callId).sort());
}
