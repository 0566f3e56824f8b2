import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerQuestion, ToolStep } from "./collaborators.ts";
import { deciding, result } from "./fixtures/deciding-rounds.ts";
import { call, decision, drive, hang, memoryLog, ONE_CALL, routing } from "./fixtures/driven-turn.ts";
import { NO_USAGE } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";

const PLACE = call("c1", { place: "Oslo" });
const WEATHER = call("c2", { latitude: "$c1.latitude", at: [{ longitude: "$c1.longitude" }] }, ["c1"]);

describe("a plan", () => {
  it("binds results into later arguments, from what is in the log", async () => {
    const log = memoryLog();
    const ran: unknown[] = [];
    const { turn } = await drive(
      {
        ...routing([PLACE, WEATHER]),
        async *execute({ callId, arguments: args }) {
          ran.push([callId, args, log.kinds().filter((kind) => kind === "toolCallOutput").length]);
          yield result({ latitude: 59.9, longitude: 10.7 });
        },
      },
      { log },
    );
    expect(ran).toEqual([
      ["c1", { place: "Oslo" }, 0],
      ["c2", { latitude: 59.9, at: [{ longitude: 10.7 }] }, 1],
    ]);
    expect(log.kinds().slice(2, 8)).toEqual([
      "routeDecided",
      "planCreated",
      "toolCallStarted",
      "toolCallOutput",
      "toolCallStarted",
      "toolCallOutput",
    ]);
    expect(turn?.decision?.calls[1]?.arguments).toEqual(WEATHER.arguments);
    expect(turn?.toolCalls[1]).toMatchObject({
      outcome: "committed",
      call: { dependsOn: ["c1"], arguments: { latitude: 59.9 } },
    });
  });

  it("is not said of calls that merely run side by side", async () => {
    const { log } = await drive(routing([call("c1", { n: 1 }), call("c2", { n: 2 })]));
    expect(log.kinds()).not.toContain("planCreated");
  });

  it("starts a step when its own sources have ended, whatever else still runs", async () => {
    let release = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { turn } = await drive({
      ...routing([call("c1", { slow: true }), call("c2"), call("c3", { v: "$c2" }, ["c2"])]),
      async *execute({ callId, arguments: args }) {
        if (args.slow) await slow;
        if (callId === "c3") release();
        yield result(1);
      },
    });
    expect(turn?.toolCalls.map(({ outcome }) => outcome)).toEqual(["committed", "committed", "committed"]);
  });

  it.each<[string, ToolStep, string, RegExp]>([
    [
      "failed",
      { kind: "failure", code: "timeout", message: "too slow" },
      "dependency_failed",
      /^c1, whose result it needs, failed$/,
    ],
    [
      "has no such part",
      result({ lat: 1 }),
      "bad_reference",
      /the result of c1 has no "latitude", it has lat/,
    ],
  ])(
    "goes on without the steps whose source %s, and the answer is told",
    async (_what, step, code, words) => {
      const asked: AnswerQuestion[] = [];
      const ran: string[] = [];
      const { turn } = await drive({
        ...routing([PLACE, WEATHER, call("c3", { v: "$c2.x" }, ["c2"]), call("c4", { other: true })]),
        async *execute({ callId }) {
          ran.push(callId);
          yield callId === "c1" ? step : result(1);
        },
        async *generate(question) {
          asked.push(question);
          yield { kind: "done", finish: "stop", usage: NO_USAGE };
        },
      });
      expect(ran).toEqual(["c1", "c4"]);
      expect(turn?.state).toBe("completed");
      const records = asked[0]?.toolCalls ?? [];
      const of = (id: string) => records.find((one) => one.call.callId === id);
      expect(of("c2")).toMatchObject({ outcome: "denied", errorCode: code });
      expect(of("c2")?.errorMessage).toMatch(words);
      expect(of("c3")).toMatchObject({
        outcome: "denied",
        errorCode: "dependency_failed",
        errorMessage: "c2, whose result it needs, was not run",
      });
      expect(of("c4")).toMatchObject({ outcome: "committed" });
    },
  );

  it("ends whole when the turn is stopped: what waited is cancelled too", async () => {
    const stop = new AbortController();
    const { turn } = await drive(
      {
        ...routing([PLACE, WEATHER, call("c3", { v: "$c2.x" }, ["c2"])]),
        // biome-ignore lint/correctness/useYield: a tool that hangs
        async *execute(_call, _turnId, { signal }) {
          stop.abort("user");
          await hang(signal);
        },
      },
      { stop: stop.signal },
    );
    expect(turn).toMatchObject({ state: "cancelled", reason: "user" });
    expect(turn?.toolCalls.map(({ call: { callId }, outcome }) => [callId, outcome]).sort()).toEqual([
      ["c1", "cancelled"],
      ["c2", "cancelled"],
      ["c3", "cancelled"],
    ]);
  });

  it("uses a source that was begun early under its early id", async () => {
    const { turn } = await drive({
      async *route() {
        const sure = { pTool: 0.9, pArguments: 0.9, mayStartEarly: true, costMicros: 0 };
        const early = { ...sure, source: "tier0" as const };
        yield { kind: "drafted", call: call("x", { n: 0 }), ...early, pTool: 0.6 };
        yield { kind: "drafted", call: call("y", { place: "Oslo" }), ...early };
        yield { kind: "decided", decision: decision([PLACE, WEATHER]), usage: NO_USAGE };
      },
      async *execute() {
        yield result({ latitude: 59.9, longitude: 10.7 });
      },
    });
    const [geocode, weather] = turn?.decision?.calls ?? [];
    expect(geocode).toMatchObject({ callId: "c2", arguments: { place: "Oslo" } });
    expect(weather).toMatchObject({
      callId: "c3",
      dependsOn: ["c2"],
      arguments: { latitude: "$c2.latitude" },
    });
    expect(turn?.toolCalls.at(-1)).toMatchObject({ outcome: "committed", call: { callId: "c3" } });
  });
});

describe("further rounds", () => {
  it("decide over the results of those before, and may use them", async () => {
    const { route, asked } = deciding([PLACE], [call("c2", { latitude: "$c1.latitude" }, ["c1"])]);
    const ran: unknown[] = [];
    const { turn, log } = await drive(
      {
        route,
        async *execute({ callId, arguments: args }) {
          ran.push([callId, args]);
          yield result({ latitude: 59.9 });
        },
      },
      { limits: { maxModelCalls: 4 } },
    );
    expect(ran).toEqual([
      ["c1", { place: "Oslo" }],
      ["c2", { latitude: 59.9 }],
    ]);
    expect(asked.map(({ earlierCalls }) => earlierCalls.map(({ call: one }) => one.callId))).toEqual([
      [],
      ["c1"],
      ["c1", "c2"],
    ]);
    expect(asked.map(({ maxModelCalls, maxToolCalls }) => [maxModelCalls, maxToolCalls])).toEqual([
      [3, 8],
      [2, 7],
      [1, 6],
    ]);
    expect(log.kinds().filter((kind) => kind === "routeDecided")).toHaveLength(3);
    expect(log.kinds().filter((kind) => kind.startsWith("plan"))).toEqual(["planCreated"]);
    expect(turn).toMatchObject({ state: "completed", usage: { modelCalls: 4 } });
  });

  it("give the answer the calls of all rounds", async () => {
    const { route } = deciding([call("c1", { n: 1 })], [call("c1", { n: 2 })]);
    const asked: AnswerQuestion[] = [];
    await drive(
      {
        route,
        async *generate(question) {
          asked.push(question);
          yield { kind: "done", finish: "stop", usage: ONE_CALL };
        },
      },
      { limits: { maxModelCalls: 4 } },
    );
    expect(asked[0]?.toolCalls.map(({ call: one }) => [one.callId, one.arguments.n])).toEqual([
      ["c1", 1],
      ["c2", 2],
    ]);
  });

  it.each<[string, number, number]>([
    ["not at all by default", 2, 1],
    ["one, with a call for it and one for the answer", 3, 2],
  ])("are taken as the limit of model calls allows: %s", async (_what, maxModelCalls, rounds) => {
    const { route, asked } = deciding([call("c1", { n: 1 })], [call("c1", { n: 2 })]);
    const { turn } = await drive({ route }, { limits: { maxModelCalls } });
    expect(asked).toHaveLength(rounds);
    expect(turn?.usage.modelCalls).toBe(maxModelCalls);
  });

  it("are as many for a decision that was remembered", async () => {
    let routed = 0;
    await drive({
      async *route() {
        routed += 1;
        const decided = { ...decision([call("c1", { n: routed })]), tier: 1 };
        yield { kind: "decided", decision: decided, usage: NO_USAGE };
      },
    });
    expect(routed).toBe(1);
  });

  it("end when a decision only repeats what was called", async () => {
    const { route, asked } = deciding(...Array.from({ length: 50 }, () => [PLACE, WEATHER]));
    let runs = 0;
    const { turn } = await drive(
      {
        route,
        async *execute() {
          runs += 1;
          yield result({ latitude: 1, longitude: 2 });
        },
      },
      { limits: { maxModelCalls: 32, maxToolCalls: 64 } },
    );
    expect(asked).toHaveLength(2);
    expect(runs).toBe(2);
    expect(turn?.toolCalls.map(({ errorCode }) => errorCode)).toEqual(["", "", "repeated", "repeated"]);
    expect(turn?.state).toBe("completed");
  });

  it("use an earlier result where a decision repeats the call that brought it", async () => {
    const { route } = deciding([PLACE], [PLACE, WEATHER]);
    const ran: unknown[] = [];
    await drive(
      {
        route,
        async *execute({ arguments: args }) {
          ran.push(args);
          yield result({ latitude: 59.9, longitude: 10.7 });
        },
      },
      { limits: { maxModelCalls: 4 } },
    );
    expect(ran).toEqual([{ place: "Oslo" }, { latitude: 59.9, at: [{ longitude: 10.7 }] }]);
  });

  it("end whatever a model keeps asking for", async () => {
    const endless = Array.from({ length: 50 }, (_, at) => [call("c1", { n: at })]);
    const byModelCalls = deciding(...endless);
    const limited = await drive(
      { route: byModelCalls.route },
      { limits: { maxModelCalls: 10, maxToolCalls: 64 } },
    );
    expect(byModelCalls.asked).toHaveLength(9);
    expect(limited.turn).toMatchObject({ state: "completed", usage: { modelCalls: 10 } });

    const byToolCalls = deciding(...endless);
    await drive({ route: byToolCalls.route }, { limits: { maxModelCalls: 32, maxToolCalls: 5 } });
    expect(byToolCalls.asked).toHaveLength(5);
  });

  it("no longer have to call a tool where the first one had to", async () => {
    const { route, asked } = deciding([PLACE]);
    await drive({ route }, { limits: { maxModelCalls: 3 }, toolChoice: "required" });
    expect(asked.map(({ toolChoice }) => toolChoice)).toEqual(["required", "auto"]);
  });
});

describe("a bound on cost", () => {
  it("ends the rounds, has the answer composed, and the turn incomplete", async () => {
    const asked: AnswerQuestion[] = [];
    let routed = 0;
    const { turn } = await drive(
      {
        async *route() {
          routed += 1;
          const usage = { ...ONE_CALL, costMicros: 60 };
          yield { kind: "decided", decision: { ...decision([call("c1", { n: routed })]), tier: 1 }, usage };
        },
        async *generate(question) {
          asked.push(question);
          yield { kind: "text", text: "composed" };
          yield { kind: "done", finish: "stop", usage: NO_USAGE };
        },
      },
      { limits: { maxModelCalls: 10, maxCostMicros: 100 } },
    );
    expect(routed).toBe(2);
    expect(asked[0]?.maxModelCalls).toBe(0);
    expect(turn).toMatchObject({ state: "incomplete", reason: "quota", text: "composed" });
  });

  it("is not met by a turn that costs less", async () => {
    const { turn } = await drive({}, { limits: { maxCostMicros: 1 } });
    expect(turn?.state).toBe("completed");
  });
});

describe("whatever is planned", () => {
  const source = fc.integer({ min: 1, max: 7 });
  const planned = fc.record({
    n: fc.integer({ min: 0, max: 2 }),
    sources: fc.uniqueArray(source, { maxLength: 2 }),
    declared: fc.boolean(),
    fails: fc.boolean(),
    part: fc.constantFrom("", ".value", ".nothing", "[0]"),
  });
  const rounds = fc.array(fc.array(planned, { maxLength: 5 }), { maxLength: 3 });

  it("every call ends once, none starts before its sources are in the log, and so does the turn", async () => {
    await fc.assert(
      fc.asyncProperty(rounds, async (plans) => {
        const log = memoryLog();
        const { route } = deciding(
          ...plans.map((plan) =>
            plan.map(({ n, sources, declared, part }, at) => {
              const ids = sources.map((id) => `c${id}`);
              const uses = Object.fromEntries(ids.map((id) => [id, `$${id}${part}`]));
              return call(`c${at + 1}`, { n, ...uses }, declared ? ids : ids.slice(0, 1));
            }),
          ),
        );
        const failing = new Set(
          plans
            .flat()
            .filter(({ fails }) => fails)
            .map(({ n }) => n),
        );
        const { turn } = await drive(
          {
            route,
            async *execute({ arguments: { n } }): AsyncGenerator<ToolStep> {
              await Promise.resolve();
              if (failing.has(Number(n)) && Number(n) > 0)
                yield { kind: "failure", code: "failed", message: "" };
              else yield result({ value: Number(n) });
            },
          },
          { log, limits: { maxModelCalls: 4, maxToolCalls: 9 } },
        );
        expect(turn?.state).toBe("completed");
        expect(log.finished).toHaveLength(1);
        expectSoundChains(log.written);
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);
});

/** Each decided call has one end; one that ran has one start, after the ends of all calls that it depends on. */
function expectSoundChains(events: readonly TurnEventBody[]): void {
  const started = new Set<string>();
  const ended = new Map<string, string>();
  for (const event of events) {
    if (event.kind === "toolCallStarted") {
      const { callId, dependsOn, arguments: args } = event.record.call;
      expect(started.has(callId)).toBe(false);
      for (const id of dependsOn) expect(ended.get(id)).toBe("toolCallOutput");
      expect(JSON.stringify(args)).not.toContain("$c");
      started.add(callId);
    } else if (event.kind.startsWith("toolCall") && "record" in event) {
      const { callId } = event.record.call;
      expect(ended.has(callId)).toBe(false);
      expect(started.has(callId)).toBe(event.kind !== "toolCallDenied");
      ended.set(callId, event.kind);
    }
  }
  const decided = events.flatMap((event) => (event.kind === "routeDecided" ? event.decision.calls : []));
  expect([...ended.keys()].sort()).toEqual(decided.map(({ callId }) => callId).sort());
}
