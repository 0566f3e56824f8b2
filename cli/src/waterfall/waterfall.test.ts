import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { TurnSchema, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { describe, expect, it } from "vitest";
import { readTimeline } from "../read-turn.ts";
import { turnLine } from "../start/turn-line.ts";
import { drawWaterfall } from "./draw.ts";

const ZERO = Date.UTC(2026, 0, 1);

function at(ms: number, event: NonNullable<MessageInitShape<typeof TurnEventSchema>["event"]>): TurnEvent {
  return create(TurnEventSchema, { createTime: timestampFromMs(ZERO + ms), event });
}

const WEATHER = { callId: "c1", name: "get_weather" };

const turn = create(TurnSchema, {
  turnId: "0193a1b2-c3d4-7000-8000-000000000001",
  state: TurnState.COMPLETED,
  createTime: timestampFromMs(ZERO),
  endTime: timestampFromMs(ZERO + 1_240),
  decision: { action: "call", tier: 1 },
  usage: { modelCalls: 2, inputTokens: 512, outputTokens: 88 },
  toolCalls: [
    { call: WEATHER, outcome: Outcome.COMMITTED, startMs: 320, endMs: 530 },
    {
      call: { callId: "c4", name: "date_math", dependsOn: ["c1"] },
      outcome: Outcome.COMMITTED,
      startMs: 530,
      endMs: 535,
    },
    {
      call: { callId: "c2", name: "calculator" },
      outcome: Outcome.HIT,
      early: true,
      startMs: 5,
      endMs: 17,
      savedMs: 12,
    },
    {
      call: { callId: "c3", name: "geocode" },
      outcome: Outcome.MISS,
      early: true,
      startMs: 5,
      endMs: 90,
      wastedMs: 85,
    },
  ],
});

const events = [
  at(0, { case: "turnCreated", value: {} }),
  at(4, { case: "turnInProgress", value: {} }),
  at(6, {
    case: "toolCallDrafted",
    value: { record: { call: { callId: "c9", name: "get_time" }, early: true, startMs: 6 } },
  }),
  at(20, { case: "memoryRetrieved", value: {} }),
  at(316, { case: "routeDecided", value: { decision: { action: "call", tier: 1 } } }),
  at(640, { case: "outputTextDelta", value: {} }),
  at(1_230, { case: "outputTextDone", value: {} }),
];

describe("the waterfall", () => {
  const timeline = readTimeline({ turn, events });
  const lines = drawWaterfall(turn, timeline);

  it("draws each part where it happened, the decision through all of them", () => {
    expect(lines).toEqual([
      "  Turn 0193a1b2-c3d4-7000-8000-000000000001  completed",
      "",
      "  begin           │█     ┊                     4 ms",
      "  memory          │█     ┊                    16 ms  0 snippets",
      "  route           │██████┊                   312 ms  call, small model",
      "  calculator      │█     ┊                    12 ms  ✓ early, used, 12 ms saved",
      "  geocode         │░░    ┊                    85 ms  ✕ early, discarded",
      "  get_time        │◇     ┊                           drafted, not started",
      "  get_weather     │      ████                210 ms  ✓ done",
      "  ↳ date_math     │      ┊   █                 5 ms  ✓ done, after get_weather",
      "  answer          │      ┊   █████████████   695 ms  first word 640 ms",
      "",
      "  first word 640 ms · total 1.24 s",
      "  2 model calls · 512 tokens in, 88 out",
      "  early calls: 1 of 2 used, 12 ms saved (estimate), 85 ms wasted",
      "  had the tools waited: 1.25 s (estimate)",
    ]);
  });

  it("stays within 80 columns", () => {
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(80);
  });

  it("leaves out what a failed turn never reached", () => {
    const failed = create(TurnSchema, { state: TurnState.FAILED, errorCode: "FR-E1501" });
    const drawn = drawWaterfall(failed, readTimeline({ turn: failed, events: [] }));
    expect(drawn).toEqual([
      "  Turn   failed (FR-E1501)",
      "",
      "",
      "  no word · total 0 ms",
      "  no model call",
    ]);
  });

  it("fits into one line while the server runs", () => {
    const line = turnLine(turn, timeline, new Date(2026, 0, 1, 14, 3, 7));
    expect(line).toBe(
      "  14:03:07  0193a1b2-c3d4   1.24 s  first word 640 ms  early 1 of 2 used, 12 ms saved",
    );
  });
});
