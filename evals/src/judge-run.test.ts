import { describe, expect, it } from "vitest";
import { accuracyOf } from "./accuracy.ts";
import { baselineOf, judgeRun } from "./baseline.ts";
import { junitXml } from "./junit.ts";
import { routingCaseSchema } from "./routing-case.ts";
import type { CaseResult } from "./run-cases.ts";

function result(id: string, passed: boolean, tag = "single", text = "Hi"): CaseResult {
  const one = routingCaseSchema.parse({ id, text, expect: { action: "answer" }, tags: [tag] });
  return {
    case: one,
    got: { action: passed ? "answer" : "clarify", calls: [] },
    problem: passed ? undefined : "clarify instead of answer",
    ms: 1.5,
  };
}

function judged(before: readonly CaseResult[], after: readonly CaseResult[], whole = true) {
  return judgeRun(after, accuracyOf(after), {
    baseline: baselineOf("tier 0", before, accuracyOf(before)),
    whole,
  });
}

describe("a run against its baseline", () => {
  it("is as good when the same cases fail", () => {
    const same = [result("a", true), result("b", false)];
    expect(judged(same, same)).toEqual({ regressed: [], fixed: [], fallen: [] });
  });

  it("names what regressed and what is no longer missed, also where the figures are equal", () => {
    const verdict = judged([result("a", true), result("b", false)], [result("a", false), result("b", true)]);
    expect(verdict).toEqual({ regressed: ["a"], fixed: ["b"], fallen: [] });
  });

  it("counts a new case that fails as regressed", () => {
    expect(judged([result("a", true)], [result("a", true), result("new", false)]).regressed).toEqual(["new"]);
  });

  it("sees an accuracy that fell because cases are gone", () => {
    const before = [result("a", true), result("b", false), result("c", true, "noisy")];
    expect(judged(before, [result("b", false)]).fallen).toEqual([
      "all: 0 of 1, was 2 of 3",
      "noisy: no case is of this kind any more",
      "single: 0 of 1, was 1 of 2",
    ]);
    expect(judged(before, [result("b", false)], false).fallen).toEqual([]);
  });
});

describe("accuracy", () => {
  it("is counted over all and for each tag", () => {
    const { all, kinds } = accuracyOf([result("a", true), result("b", false), result("c", true, "noisy")]);
    expect([all.passed, all.cases]).toEqual([2, 3]);
    expect(Object.entries(kinds).map(([kind, { passed, cases }]) => [kind, passed, cases])).toEqual([
      ["noisy", 1, 1],
      ["single", 1, 2],
    ]);
  });

  it("comes with Wilson's interval, which is wide where the cases are few", () => {
    const results = Array.from({ length: 10 }, (_, at) => result(`c${at}`, at < 8));
    const { accuracy, lower, upper } = accuracyOf(results).all;
    expect([accuracy, lower, upper].map((share) => share.toFixed(3))).toEqual(["0.800", "0.541", "0.931"]);
  });
});

describe("the JUnit report", () => {
  it("counts failures and carries any text", () => {
    const xml = junitXml([result("a", true), result("b", false, "noisy", '<&>"\u0007')]);
    expect(xml).toContain('<testsuite name="routing" tests="2" failures="1">');
    expect(xml).toContain('<testcase classname="routing.single" name="a" time="0.001500"/>');
    expect(xml).toContain('<failure message="clarify instead of answer">');
    expect(xml).not.toContain("\u0007");
  });
});
