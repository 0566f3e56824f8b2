import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import {
  Outcome,
  type ToolCallRecordSchema,
  type ToolCallSchema,
} from "@forerun/contracts/forerun/common/v1/common_pb";
import { describe, expect, it } from "vitest";
import { type Timeline, timelineOf } from "./timeline.ts";
import { foldTiming, NO_TIMING } from "./turn-timing.ts";

const ACCEPTED = Date.UTC(2026, 0, 1);

type Body = NonNullable<MessageInitShape<typeof TurnEventSchema>["event"]>;
type CallRecord = MessageInitShape<typeof ToolCallRecordSchema>;

function at(ms: number, event: Body): TurnEvent {
  return create(TurnEventSchema, { createTime: timestampFromMs(ACCEPTED + ms), event });
}

function timeline(...events: readonly [number, Body][]): Timeline {
  return timelineOf(events.map(([ms, body]) => at(ms, body)).reduce(foldTiming, NO_TIMING));
}

function call(
  callId: string,
  name: string,
  dependsOn: string[] = [],
): MessageInitShape<typeof ToolCallSchema> {
  return { callId, name, dependsOn };
}
const created: [number, Body] = [
  2,
  { case: "turnCreated", value: { turn: { createTime: timestampFromMs(ACCEPTED) } } },
];
const begun: [number, Body] = [4, { case: "turnInProgress", value: {} }];

function early(outcome: Outcome, endMs: number, savedMs = 0) {
  return { call: call("c1", "calculator"), early: true, startMs: 5, endMs, outcome, savedMs };
}

function bars({ spans }: Timeline) {
  return spans.map(({ label, startMs, endMs, words }) => [label, startMs, endMs, words.join(", ")]);
}

describe("a turn in time", () => {
  it("runs from its acceptance over early calls and the decision to the answer", () => {
    const running = early(Outcome.UNSPECIFIED, 5);
    const used = early(Outcome.HIT, 17, 12);
    const weather = { call: call("c2", "get_weather"), startMs: 320, endMs: 530 };
    const all = timeline(
      created,
      begun,
      [5, { case: "toolCallDrafted", value: { record: running } }],
      [5, { case: "toolCallStarted", value: { record: running } }],
      [20, { case: "memoryRetrieved", value: { snippets: [{ score: 1 }] } }],
      [316, { case: "routeDecided", value: { decision: { action: "call", tier: 1 } } }],
      [316, { case: "toolCallOutput", value: { record: used } }],
      [320, { case: "toolCallStarted", value: { record: weather } }],
      [530, { case: "toolCallOutput", value: { record: { ...weather, outcome: Outcome.COMMITTED } } }],
      [640, { case: "outputTextDelta", value: {} }],
      [700, { case: "outputTextDelta", value: {} }],
      [1230, { case: "outputTextDone", value: {} }],
      [1240, { case: "turnCompleted", value: {} }],
    );
    expect(bars(all)).toEqual([
      ["begin", 0, 4, ""],
      ["memory", 4, 20, "1 snippet"],
      ["route", 4, 316, "call, small model"],
      ["calculator", 5, 17, "early, used, 12 ms saved"],
      ["get_weather", 320, 530, "done"],
      ["answer", 530, 1230, "first word 640 ms"],
    ]);
    expect(all).toMatchObject({ decidedMs: 316, firstWordMs: 640, totalMs: 1240, savedMs: 12 });
    expect(all.early).toEqual({ used: 1, started: 1 });
  });

  it.each<[string, Body["case"], CallRecord, string, string]>([
    ["late", "toolCallOutput", early(Outcome.LATE, 400, 300), "used", "early, used late, 300 ms saved"],
    ["a miss", "toolCallDiscarded", early(Outcome.MISS, 90), "unused", "early, discarded"],
    ["stopped", "toolCallCancelled", early(Outcome.CANCELLED, 316), "unused", "early, stopped"],
    ["a failure", "toolCallDiscarded", early(Outcome.FAILED, 60), "unused", "early, failed"],
    ["refused", "toolCallDenied", { call: call("c1", "x"), outcome: Outcome.DENIED }, "unused", "refused"],
    [
      "cached",
      "toolCallOutput",
      { ...early(Outcome.HIT, 6), reused: { layer: "l1" } },
      "used",
      "early, used, cached",
    ],
  ])("marks a call by sign and by word: %s", (_name, kind, record, mark, words) => {
    const body = { case: kind, value: { record } } as Body;
    const [span] = timeline(created, [316, body]).spans;
    expect([span?.mark, span?.words.join(", ")]).toEqual([mark, words]);
  });

  it("shows a draft that was not started where it was drafted, and no draft that was", () => {
    const record = early(Outcome.UNSPECIFIED, 5);
    const other = { ...record, call: call("c2", "geocode") };
    const { spans } = timeline(
      created,
      [5, { case: "toolCallDrafted", value: { record } }],
      [5, { case: "toolCallDrafted", value: { record: other } }],
      [6, { case: "toolCallStarted", value: { record } }],
    );
    expect(spans.map(({ kind, label, mark }) => [kind, label, mark])).toEqual([
      ["tool", "calculator", "running"],
      ["draft", "geocode", undefined],
    ]);
  });

  it("names what a step of a plan needed, and gives each round its decision", () => {
    const place = { call: call("c1", "geocode"), outcome: Outcome.COMMITTED, startMs: 100, endMs: 150 };
    const weather = {
      call: call("c2", "get_weather", ["c1"]),
      outcome: Outcome.COMMITTED,
      startMs: 151,
      endMs: 200,
    };
    const decided = (tier: number): Body => ({
      case: "routeDecided",
      value: { decision: { action: "call", tier } },
    });
    const { spans, decidedMs } = timeline(
      created,
      [100, decided(1)],
      [150, { case: "toolCallOutput", value: { record: place } }],
      [200, { case: "toolCallOutput", value: { record: weather } }],
      [290, { case: "cacheHit", value: { layer: "l1", kind: "route" } }],
      [290, decided(2)],
    );
    expect(spans.map(({ label, startMs, endMs, after }) => [label, startMs, endMs, after])).toEqual([
      ["route", 0, 100, []],
      ["geocode", 100, 150, []],
      ["get_weather", 151, 200, ["geocode"]],
      ["route 2", 200, 290, []],
    ]);
    expect(spans[0]?.words).toEqual(["call", "small model"]);
    expect(spans[3]?.words).toEqual(["call", "large model", "cached"]);
    expect(decidedMs).toBe(290);
  });

  it("begins the answer anew when its text was taken back", () => {
    const { spans, firstWordMs } = timeline(
      created,
      [100, { case: "outputTextDelta", value: {} }],
      [200, { case: "outputReset", value: {} }],
      [300, { case: "outputTextDelta", value: {} }],
      [310, { case: "outputTextDelta", value: {} }],
    );
    expect(firstWordMs).toBe(300);
    expect(spans.map(({ label, endMs }) => [label, endMs])).toEqual([["answer", 310]]);
  });

  it("tells of a turn whose events are no longer held what the turn itself states", () => {
    const turn = {
      createTime: timestampFromMs(ACCEPTED),
      endTime: timestampFromMs(ACCEPTED + 900),
      toolCalls: [early(Outcome.HIT, 17, 12)],
    };
    const late = timeline([86_400_000, { case: "snapshot", value: { turn } }]);
    expect(late.spans.map(({ label, startMs, endMs }) => [label, startMs, endMs])).toEqual([
      ["calculator", 5, 17],
    ]);
    expect(late.totalMs).toBe(900);
  });

  it("has no bar for what was never reached", () => {
    expect(timeline(created).spans).toEqual([]);
    expect(timelineOf(NO_TIMING)).toMatchObject({ spans: [], totalMs: 0, firstWordMs: undefined });
  });
});
