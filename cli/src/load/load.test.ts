import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { TurnSchema, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome, ToolCallRecordSchema } from "@forerun/contracts/forerun/common/v1/common_pb";
import { afterAll, describe, expect, it } from "vitest";
import { runArrivals } from "./arrivals.ts";
import { drawReport } from "./draw-report.ts";
import { pickFrom, readMix } from "./mix.ts";
import { Tally } from "./tally.ts";

const folder = mkdtempSync(join(tmpdir(), "forerun-load-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function mixFile(text: string): string {
  const path = join(folder, "mix.yaml");
  writeFileSync(path, text);
  return path;
}

describe("a mix", () => {
  it("is picked from by weight", () => {
    const mix = readMix(mixFile("- text: one\n- text: two\n  weight: 3\n  speculation: off\n"));
    const picked = [0, 0.2, 0.3, 0.99].map((at) => pickFrom(mix, () => at).text);
    expect(picked).toEqual(["one", "one", "two", "two"]);
    expect(mix[1]).toEqual({ text: "two", weight: 3, speculation: "off" });
  });

  it.each([
    ["[]", "expected"],
    ["- txt: one", "0.text"],
    ["- text: one\n  weight: 0", "weight"],
    ["{", "--mix"],
  ])("that is %j is refused with what is wrong", (text, problem) => {
    expect(() => readMix(mixFile(text))).toThrow(expect.objectContaining({ code: "FR-E1801" }));
    expect(() => readMix(mixFile(text))).toThrow(problem);
  });
});

const NEVER = new AbortController().signal;
const NO_END = Number.POSITIVE_INFINITY;

/** Turns that end when they are told to. */
function heldWork() {
  const held: (() => void)[] = [];
  let most = 0;
  let open = 0;
  const take = async () => {
    open += 1;
    most = Math.max(most, open);
    await new Promise<void>((resolve) => held.push(resolve));
    open -= 1;
  };
  return { work: { take, notSent: () => {} }, held, most: () => most };
}

describe("arrivals", () => {
  it("of a closed loop keep as many turns side by side as asked, and stop at their number", async () => {
    const { work, held, most } = heldWork();
    const arrivals = { rate: undefined, concurrency: 3, turns: 7, durationMs: NO_END };
    const running = runArrivals(arrivals, work, NEVER);
    for (let ended = 0; ended < 7; ended += 1) {
      held[ended]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await running;
    expect(held).toHaveLength(7);
    expect(most()).toBe(3);
  });

  it("of an open loop come whether or not others have ended", async () => {
    const { work, held, most } = heldWork();
    const running = runArrivals({ rate: 2_000, concurrency: 1, turns: 20, durationMs: NO_END }, work, NEVER);
    while (held.length < 20) await new Promise((resolve) => setImmediate(resolve));
    expect(most()).toBe(20);
    for (const end of held) end();
    await running;
  });

  it("end when they are interrupted", async () => {
    const stop = new AbortController();
    let taken = 0;
    const work = {
      take: async () => {
        taken += 1;
        if (taken === 5) stop.abort();
      },
      notSent: () => {},
    };
    await runArrivals(
      { rate: undefined, concurrency: 1, turns: NO_END, durationMs: NO_END },
      work,
      stop.signal,
    );
    expect(taken).toBe(5);
  });
});

describe("a tally", () => {
  it("counts ends, errors and early calls, and draws them", () => {
    const tally = new Tally();
    const record = (outcome: Outcome, early = true) => create(ToolCallRecordSchema, { outcome, early });
    const toolCalls = [
      record(Outcome.HIT),
      record(Outcome.LATE),
      record(Outcome.MISS),
      record(Outcome.COMMITTED, false),
    ];
    tally.firstText(10);
    tally.ended(create(TurnSchema, { state: TurnState.COMPLETED, toolCalls }), 20);
    tally.ended(create(TurnSchema, { state: TurnState.FAILED, errorCode: "unavailable" }), 40);
    tally.refused("resource_exhausted");
    tally.notSent();
    const report = tally.report(2);
    expect(report).toMatchObject({
      turns: 3,
      completed: 1,
      failed: { unavailable: 1 },
      refused: { resource_exhausted: 1 },
      not_sent: 1,
      turns_per_second: 1,
      first_text_ms: { p50: 10, max: 10 },
      turn_ms: { p50: 40, max: 40 },
      early: { started: 3, used: 2, hit_rate: 0.67 },
    });
    expect(tally.errors).toBe(2);
    expect(drawReport(report)).toContain("early calls  2 of 3 used (67 %)");
  });

  it("has no figures for what did not happen", () => {
    expect(new Tally().report(1)).toMatchObject({ turn_ms: { p50: null }, early: { hit_rate: null } });
  });
});
