import { describe, expect, it } from "vitest";
import { call } from "../fixtures/driven-turn.ts";
import type { ToolCall } from "../turn.ts";
import { CallIds, numberCalls, type Unnumbered } from "./call-ids.ts";

function plain(...calls: ToolCall[]): Unnumbered[] {
  return calls.map((one) => ({ call: one }));
}

describe("the ids of a turn's calls", () => {
  it("are the model's own where they are free", () => {
    const calls = plain(call("c3"), call("c1"));
    expect(numberCalls(calls, new CallIds()).map(({ callId }) => callId)).toEqual(["c3", "c1"]);
  });

  it.each(["", "c", "x1", "c123456", "c1.x"])("are not %j, which reads as none", (callId) => {
    expect(numberCalls(plain(call(callId)), new CallIds())).toMatchObject([{ callId: "c1" }]);
  });

  it("are given once: references follow the calls that had to give way", () => {
    const ids = new CallIds();
    ids.next();
    const decided = plain(call("c1"), call("c2", { at: ["$c1.x[0]", "$$c1", "$c9"] }, ["c1"]));
    expect(numberCalls(decided, ids)).toEqual([
      call("c2"),
      call("c3", { at: ["$c2.x[0]", "$$c1", "$c9"] }, ["c2", "c9"]),
    ]);
  });

  it("stay what they are for a call that was begun early", () => {
    const ids = new CallIds();
    const begun = ids.next();
    const decided = [
      { call: call("c1") },
      { call: call("c2"), begun },
      { call: call("c3", { v: "$c2" }, ["c2"]) },
    ];
    const numbered = numberCalls(decided, ids);
    expect(numbered.map(({ callId }) => callId)).toEqual(["c2", "c1", "c3"]);
    expect(numbered[2]).toMatchObject({ dependsOn: ["c1"], arguments: { v: "$c1" } });
  });

  it("lead from a call that repeats an earlier one to that one", () => {
    const ids = new CallIds();
    ids.next();
    const decided = [{ call: call("c1"), repeats: "c1" }, { call: call("c2", { v: "$c1.x" }, ["c1"]) }];
    expect(numberCalls(decided, ids)).toEqual([call("c2"), call("c3", { v: "$c1.x" }, ["c1"])]);
  });

  it("leave a literal that looks like a reference alone in a call that depends on none", () => {
    const ids = new CallIds();
    ids.next();
    expect(numberCalls(plain(call("c1", { text: "$c1" })), ids)).toEqual([call("c2", { text: "$c1" })]);
  });
});
