import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEvents, encodeEvent } from "./event-codec-wire.ts";
import { turnArbitrary, turnEventBodyArbitrary } from "./fixtures/turn-arbitrary.ts";
import { acceptedTurn } from "./fold-turn.ts";
import type { JsonObject } from "./json.ts";
import type { ToolCallRecord } from "./turn.ts";
import { decodeTurn, encodeTurn } from "./turn-codec-wire.ts";
import type { TurnEvent } from "./turn-event.ts";
import { fromWireEvent, fromWireTurn, toWireEvent, toWireItem, toWireTurn } from "./turn-wire.ts";

const AT = new Date("2026-05-04T10:11:12.345Z");
const PLACE = { turnId: "t", conversationId: "k", createTime: AT, epoch: 2, traceId: "trace" };

function eventsOf(bodies: TurnEvent["body"][], firstSequence = 1): TurnEvent[] {
  return bodies.map((body, index) => ({
    turnId: "t",
    sequence: firstSequence + index,
    epoch: 2,
    createTime: AT,
    stepId: "",
    traceId: "trace",
    body,
  }));
}

describe("turns and events on the wire", () => {
  it("carries every turn there and back unchanged", () => {
    fc.assert(
      fc.property(turnArbitrary, (turn) => {
        expect(fromWireTurn(toWireTurn(turn))).toEqual(turn);
      }),
    );
  });

  it("carries every kind of event there and back unchanged, through bytes", () => {
    fc.assert(
      fc.property(turnEventBodyArbitrary, (body) => {
        const [event] = eventsOf([body]);
        if (!event) throw new Error("no event");
        const bytes = toBinary(TurnEventSchema, toWireEvent(event));
        expect(fromWireEvent(fromBinary(TurnEventSchema, bytes))).toEqual(event);
      }),
    );
  });

  it("ignores a kind of event that it does not know", () => {
    // Field 77 of TurnEvent, an empty message.
    const wire = fromBinary(TurnEventSchema, Uint8Array.of(0xea, 0x04, 0x00));
    expect(fromWireEvent(wire)).toBeUndefined();
  });

  it("gives a heartbeat, a go-away and a snapshot no sequence", () => {
    fc.assert(
      fc.property(turnArbitrary, (turn) => {
        const items = [
          toWireItem({ kind: "heartbeat", turnId: "t" }),
          toWireItem({ kind: "goAway", turnId: "t", reason: "shutdown" }),
          toWireItem({ kind: "snapshot", turn, reason: "LOG_TRUNCATED" }),
        ];
        expect(items.map(({ sequence }) => sequence)).toEqual([0, 0, 0]);
        expect(items.map(({ event }) => event.case)).toEqual(["heartbeat", "goAway", "snapshot"]);
      }),
      { numRuns: 10 },
    );
  });
});

describe("the log's encoding", () => {
  it("keeps a run of events with their place", () => {
    fc.assert(
      fc.property(
        fc.array(turnEventBodyArbitrary, { minLength: 1, maxLength: 5 }),
        fc.nat(1e6),
        (bodies, at) => {
          const events = eventsOf(bodies, at + 1);
          const chunk = Buffer.concat(events.map(encodeEvent));
          const place = { turnId: "t", traceId: "trace", epoch: 2, firstSequence: at + 1 };
          expect(decodeEvents(chunk, place)).toEqual(events);
        },
      ),
    );
  });

  it("refuses a chunk that is cut off instead of losing its end", () => {
    const [event] = eventsOf([{ kind: "outputTextDelta", text: "four words of text" }]);
    if (!event) throw new Error("no event");
    const chunk = encodeEvent(event);
    const place = { turnId: "t", traceId: "", epoch: 1, firstSequence: 1 };
    expect(() => decodeEvents(chunk.subarray(0, chunk.length - 3), place)).toThrow();
  });

  it("reads back arguments and outputs that are nested as deep as JSON may be", () => {
    const deep = Array.from({ length: 64 }).reduce<JsonObject>((inner) => ({ inner }), {});
    const record: ToolCallRecord = {
      call: { callId: "c", name: "t", arguments: deep, dependsOn: [], toolHash: "" },
      outcome: "committed",
      early: false,
      output: deep,
      rendered: "",
      errorCode: "",
      errorMessage: "",
      startMs: 0,
      endMs: 0,
      savedMs: 0,
      wastedMs: 0,
      truncated: false,
      effected: false,
    };
    const turn = { ...acceptedTurn(PLACE), toolCalls: [record] };
    expect(decodeTurn(encodeTurn(turn), "")).toEqual(turn);
    const events = eventsOf([
      { kind: "toolCallOutput", record },
      { kind: "turnCompleted", turn },
    ]);
    const place = { turnId: "t", traceId: "trace", epoch: 2, firstSequence: 1 };
    expect(decodeEvents(Buffer.concat(events.map(encodeEvent)), place)).toEqual(events);
  });

  it("keeps an ended turn and its text", () => {
    fc.assert(
      fc.property(turnArbitrary, (turn) => {
        expect(decodeTurn(encodeTurn(turn), turn.text)).toEqual(turn);
      }),
    );
  });
});
