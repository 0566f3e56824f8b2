import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrationError } from "./calibration-error.ts";
import { chooseThreshold } from "./choose-threshold.ts";
import { type JudgedTurn, weightsFor } from "./judged-turn.ts";
import { wilsonBounds } from "./wilson.ts";

const turn = (confidence: number | undefined, right: boolean, weight = 1): JudgedTurn => ({
  confidence,
  right,
  leader: undefined,
  pArguments: undefined,
  weight,
});

const repeat = (count: number, one: JudgedTurn): JudgedTurn[] => Array.from({ length: count }, () => one);

describe("Wilson bounds", () => {
  it.each([
    [1, 133, 0.98],
    [0.9, 100, 0.84],
    [0.5, 10, 0.27],
  ])("of %s in %s trials are at least %s", (share, count, lower) => {
    expect(wilsonBounds(share, count).lower).toBeCloseTo(lower, 2);
  });

  it("know nothing without trials", () => {
    expect(wilsonBounds(1, 0)).toEqual({ lower: 0, upper: 1 });
  });

  it("hold the share, and close in on it with more trials", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 5_000 }),
        (share, count) => {
          const few = wilsonBounds(share, count);
          const many = wilsonBounds(share, count * 4);
          expect(few.lower).toBeLessThanOrEqual(share + 1e-9);
          expect(few.upper).toBeGreaterThanOrEqual(share - 1e-9);
          expect(many.upper - many.lower).toBeLessThan(few.upper - few.lower);
        },
      ),
    );
  });
});

describe("a threshold", () => {
  it("is the lowest one that keeps the promise", () => {
    const turns = [
      ...repeat(200, turn(0.9, true)),
      ...repeat(10, turn(0.6, true)),
      ...repeat(10, turn(0.5, false)),
    ];
    const found = chooseThreshold(turns, 0.98);
    expect(found).toMatchObject({ threshold: 0.6, precision: 1 });
    expect(found?.coverage).toBeCloseTo(210 / 220, 6);
  });

  it("does not stand on too few turns, however right they were", () => {
    expect(chooseThreshold(repeat(100, turn(0.9, true)), 0.98)).toBeUndefined();
    expect(chooseThreshold([], 0.5)).toBeUndefined();
  });

  it("counts a turn for as much as it stands for", () => {
    const turns = [...repeat(400, turn(0.9, true, 0.5)), ...repeat(4, turn(0.9, false, 5))];
    expect(chooseThreshold(turns, 0.95)).toBeUndefined();
    expect(chooseThreshold(turns, 0.8)).toMatchObject({ precision: 200 / 220 });
  });

  it("leaves out turns that need a model anyway", () => {
    const turns = [...repeat(300, turn(0.9, true)), ...repeat(300, turn(undefined, false))];
    expect(chooseThreshold(turns, 0.98)).toMatchObject({ precision: 1, coverage: 0.5 });
  });
});

describe("weights", () => {
  it("make up the expected share, and keep the sum", () => {
    const { inScope, outOfScope } = weightsFor({ inScope: 900, outOfScope: 100 }, 0.4);
    expect(outOfScope * 100).toBeCloseTo(400, 6);
    expect(inScope * 900).toBeCloseTo(600, 6);
  });

  it("cannot stand for turns that are not there", () => {
    expect(() => weightsFor({ inScope: 5, outOfScope: 0 }, 0.2)).toThrow(RangeError);
    expect(weightsFor({ inScope: 5, outOfScope: 0 }, 0)).toEqual({ inScope: 1, outOfScope: 0 });
  });
});

describe("calibration error", () => {
  const forecasts = (probability: number, happened: number, of: number) =>
    Array.from({ length: of }, (_, at) => ({ probability, happened: at < happened, weight: 1 }));

  it("is nil when frequencies are as foretold", () => {
    expect(calibrationError([...forecasts(0.75, 3, 4), ...forecasts(0.25, 1, 4)])).toBeCloseTo(0, 9);
  });

  it("is the mean gap otherwise", () => {
    expect(calibrationError([...forecasts(0.9, 5, 10), ...forecasts(0.1, 1, 10)])).toBeCloseTo(0.2, 9);
  });
});
