import { describe, expect, it } from "vitest";
import type { AnswerQuestion, AnswerStep, Collaborators, RouteStep, ToolStep } from "./collaborators.ts";
import { call, decision, drive, hang, ONE_CALL } from "./fixtures/driven-turn.ts";
import type { ToolCall } from "./turn.ts";

const RESULT: ToolStep = { kind: "result", output: 1, rendered: "one", truncated: false };
const WITH_ANSWER = { speculation: "with_answer" } as const;

/** A router that drafts `drafted`, and decides for `decided` once `when` resolves. */
function router(
  drafted: ToolCall,
  decided: ToolCall[],
  when: () => Promise<unknown>,
): Collaborators["route"] {
  return async function* (): AsyncGenerator<RouteStep> {
    const sure = { pTool: 0.95, pArguments: 0.95, mayStartEarly: true, costMicros: 0 };
    yield { kind: "drafted", source: "tier0", call: drafted, ...sure };
    await when();
    yield { kind: "decided", decision: decision(decided), usage: ONE_CALL };
  };
}

/** An answer service that tells what it is asked, and when it has said its first word or been stopped. */
function answering() {
  const asked: (AnswerQuestion & { stopped: boolean })[] = [];
  let begun = () => {};
  const first = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const generate: Collaborators["generate"] = async function* (
    question,
    { signal },
  ): AsyncGenerator<AnswerStep> {
    const one = { ...question, stopped: signal.aborted };
    const number = asked.push(one);
    signal.addEventListener("abort", () => {
      one.stopped = true;
    });
    yield { kind: "text", text: `answer ${number}, ` };
    begun();
    if (question.early) await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    yield { kind: "text", text: "all of it" };
    yield { kind: "done", finish: "stop", usage: ONE_CALL };
  };
  return { asked, generate, first };
}

async function* execute(): AsyncGenerator<ToolStep> {
  yield RESULT;
}

describe("an answer that begins before the decision", () => {
  it("is the turn's answer when the decision asks for the calls it was begun on", async () => {
    const answer = answering();
    const route = router(call("x", { n: 1 }), [call("c1", { n: 1 })], () => answer.first);
    const { turn, log } = await drive({ route, execute, generate: answer.generate }, WITH_ANSWER);
    expect(answer.asked).toMatchObject([{ early: true, toolCalls: [{ call: { callId: "c1" }, output: 1 }] }]);
    expect(turn).toMatchObject({
      state: "completed",
      text: "answer 1, all of it",
      toolCalls: [{ outcome: "hit" }],
      usage: { modelCalls: 2, discardedModelCalls: 0 },
    });
    const kinds = log.kinds();
    expect(kinds.indexOf("routeDecided")).toBeLessThan(kinds.indexOf("outputTextDelta"));
  });

  it.each([
    ["another call", [call("c1", { n: 2 })]],
    ["one more call", [call("c1", { n: 1 }), call("c2", { n: 2 })]],
    ["no call", []],
  ])("is stopped and never seen when the decision asks for %s", async (_what, decided) => {
    const answer = answering();
    const route = router(call("x", { n: 1 }), decided, () => answer.first);
    const { turn, log } = await drive({ route, execute, generate: answer.generate }, WITH_ANSWER);
    expect(answer.asked.map(({ early, stopped }) => [early, stopped])[0]).toEqual([true, true]);
    expect(turn).toMatchObject({
      text: "answer 2, all of it",
      usage: { modelCalls: 2, discardedModelCalls: 1 },
    });
    expect(JSON.stringify([log.written, log.finished])).not.toContain("answer 1");
  });

  it("is begun again after the decision when writing it fails", async () => {
    const answer = answering();
    const broken: Collaborators["generate"] = (question, scope) =>
      question.early ? breaking() : answer.generate(question, scope);
    const failed = new Promise((resolve) => setImmediate(resolve));
    const route = router(call("x"), [call("c1")], () => failed);
    const { turn } = await drive({ route, execute, generate: broken }, WITH_ANSWER);
    expect(turn).toMatchObject({ state: "completed", text: "answer 1, all of it" });
  });

  it.each([
    ["the request does not ask for it", {}, execute],
    ["more rounds may follow", { ...WITH_ANSWER, limits: { maxModelCalls: 3 } }, execute],
    ["the turn has a bound on its cost", { ...WITH_ANSWER, limits: { maxCostMicros: 10 } }, execute],
    ["an early call fails", WITH_ANSWER, failing],
    ["an early call still runs", WITH_ANSWER, running],
  ])("does not begin when %s", async (_what, options, run) => {
    const answer = answering();
    const later = () => new Promise((resolve) => setImmediate(resolve));
    const route = router(call("x", { n: 1 }), [call("c1", { n: 2 })], later);
    await drive({ route, execute: run, generate: answer.generate }, options);
    expect(answer.asked.filter(({ early }) => early)).toEqual([]);
  });

  it("ends with the turn", async () => {
    const answer = answering();
    const stop = new AbortController();
    const route = router(call("x"), [call("c1")], async () => {
      await answer.first;
      stop.abort("user");
      await hang(stop.signal);
    });
    const options = { ...WITH_ANSWER, stop: stop.signal };
    const { turn } = await drive({ route, execute, generate: answer.generate }, options);
    expect(answer.asked).toMatchObject([{ early: true, stopped: true }]);
    expect(turn).toMatchObject({ state: "cancelled", text: "", usage: { discardedModelCalls: 1 } });
  });
});

async function* breaking(): AsyncGenerator<AnswerStep> {
  yield { kind: "text", text: "half" };
  throw new Error("the answer broke");
}

async function* failing(): AsyncGenerator<ToolStep> {
  yield { kind: "failure", code: "not_found", message: "nothing there" };
}

/** Hangs until it is stopped when it is early, as a slow tool does. */
async function* running(
  ...[, , { signal }, early]: Parameters<Collaborators["execute"]>
): AsyncGenerator<ToolStep> {
  if (early) await hang(signal);
  yield RESULT;
}
