import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { TurnSchema, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { describe, expect, it } from "vitest";
import { turnLine } from "../start/turn-line.ts";
import { drawWaterfall } from "./draw.ts";
import { timelineOf } from "./spans.ts";

const ZERO = Date.UTC(2026, 0, 1);

function at(ms: number, event: NonNullable<MessageInitShape<typeof TurnEventSchema>["event"]>): TurnEvent {
  return create(TurnEventSchema, { createTime: timestampFromMs(ZERO + ms), event });
}

const turn = create(TurnSchema, {
  turnId: "0193a1b2-c3d4-7000-8000-000000000001",
  state: TurnState.COMPLETED,
  createTime: timestampFromMs(ZERO),
  endTime: timestampFromMs(ZERO + 1_240),
  decision: { action: "call", tier: 1 },
  usage: { modelCalls: 2, inputTokens: 512, outputTokens: 88 },
  toolCalls: [
    { call: { name: "get_weather" }, outcome: Outcome.COMMITTED, startMs: 320, endMs: 530 },
    { call: { name: "calculator" }, outcome: Outcome.HIT, early: true, startMs: 5, endMs: 17, savedMs: 12 },
    { call: { name: "geocode" }, outcome: Outcome.MISS, early: true, startMs: 5, endMs: 90, wastedMs: 85 },
  ],
});

const events = [
  at(4, { case: "turnInProgress", value: {} }),
  at(20, { case: "memoryRetrieved", value: {} }),
  at(316, { case: "routeDecided", value: {} }),
  at(640, { case: "outputTextDelta", value: {} }),
  at(1_230, { case: "outputTextDone", value: {} }),
];

describe("the waterfall", () => {
  const timeline = timelineOf(turn, events);
  const lines = drawWaterfall(turn, timeline);

  it("has a bar for each part, tools in the order in which they began", () => {
    expect(timeline.spans.map(({ label, startMs, endMs }) => [label, startMs, endMs])).toEqual([
      ["begin", 0, 4],
      ["memory", 4, 20],
      ["route", 4, 316],
      ["calculator", 5, 17],
      ["geocode", 5, 90],
      ["get_weather", 320, 530],
      ["answer", 530, 1_230],
    ]);
  });

  it("stays within 80 columns", () => {
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(80);
  });

  it("tells used from discarded by word and by shade", () => {
    expect(lines.find((line) => line.includes("calculator"))).toMatch(/█.*12 ms {2}early, used/);
    expect(lines.find((line) => line.includes("geocode"))).toMatch(/░.*85 ms {2}early, disc/);
  });

  it("ends with first word, totals, tokens and what early calls brought", () => {
    expect(lines.slice(-3)).toEqual([
      "  first word 640 ms · total 1.24 s",
      "  2 model calls · 512 tokens in, 88 out",
      "  early calls saved 12 ms (estimate), wasted 85 ms",
    ]);
  });

  it("leaves out what a failed turn never reached", () => {
    const failed = create(TurnSchema, { state: TurnState.FAILED, errorCode: "FR-E1501" });
    expect(drawWaterfall(failed, timelineOf(failed, [])).join("\n")).toContain("failed (FR-E1501)");
    expect(timelineOf(failed, []).spans.map(({ label }) => label)).toEqual(["begin"]);
  });

  it("fits into one line while the server runs", () => {
    const line = turnLine(turn, timeline, new Date(2026, 0, 1, 14, 3, 7));
    expect(line).toBe(
      "  14:03:07  0193a1b2-c3d4   1.24 s  first word 640 ms  early 1 of 2 used, 12 ms saved",
    );
  });
});
