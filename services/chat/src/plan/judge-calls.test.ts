import { describe, expect, it } from "vitest";
import { openRecord } from "../call-record.ts";
import { call } from "../fixtures/driven-turn.ts";
import type { Outcome, ToolCall } from "../turn.ts";
import { type CallRules, judgeCalls } from "./judge-calls.ts";

const RULES: CallRules = { maxToolCalls: 8, allowedTools: [], toolsAllowed: true, earlier: [] };

function codes(calls: readonly ToolCall[], rules: Partial<CallRules> = {}): (string | undefined)[] {
  return judgeCalls(calls, { ...RULES, ...rules }).map(({ denial }) => denial?.errorCode);
}

/** A call that uses what another brings. */
function using(callId: string, source: string): ToolCall {
  return call(callId, { expression: `$${source}.value` }, [source]);
}

function earlier(callId: string, outcome: Outcome) {
  return { ...openRecord(call(callId, { n: 1 }), 0), outcome };
}

describe("a decision is judged before anything of it runs", () => {
  it.each<[string, ToolCall[], Partial<CallRules>, (string | undefined)[]]>([
    ["independent calls", [call("c1"), call("c2")], {}, [undefined, undefined]],
    ["a chain", [call("c1"), using("c2", "c1"), using("c3", "c2")], {}, [undefined, undefined, undefined]],
    ["a tool that is not allowed", [call("c1")], { allowedTools: ["get_weather"] }, ["not_allowed"]],
    ["any tool where none may be used", [call("c1")], { toolsAllowed: false }, ["not_allowed"]],
    ["more calls than allowed", [call("c1"), call("c2")], { maxToolCalls: 1 }, [undefined, "limit"]],
    ["a reference to nothing", [call("c1"), using("c2", "c9")], {}, [undefined, "bad_reference"]],
    ["a reference to itself", [using("c1", "c1")], {}, ["bad_reference"]],
    ["a reference to a later call", [using("c1", "c2"), call("c2")], {}, ["bad_reference", undefined]],
    ["a cycle", [using("c1", "c2"), using("c2", "c1")], {}, ["bad_reference", "dependency_failed"]],
    [
      "a reference that is not declared",
      [call("c1"), call("c2", { expression: "$c7.value" }, ["c1"])],
      {},
      [undefined, "bad_reference"],
    ],
    [
      "what follows from a refused call",
      [call("c1"), using("c2", "c9"), using("c3", "c2"), using("c4", "c1")],
      {},
      [undefined, "bad_reference", "dependency_failed", undefined],
    ],
    [
      "a result of an earlier round",
      [using("c2", "c1")],
      { earlier: [earlier("c1", "committed")] },
      [undefined],
    ],
    [
      "a failure of an earlier round",
      [using("c2", "c1")],
      { earlier: [earlier("c1", "failed")] },
      ["dependency_failed"],
    ],
    [
      "what was called before in the turn",
      [call("c5", { n: 1 }), call("c6", { n: 2 })],
      { earlier: [earlier("c1", "committed")] },
      ["repeated", undefined],
    ],
    [
      "what uses a call that was made before",
      [call("c5", { n: 1 }), using("c6", "c5")],
      { earlier: [earlier("c1", "committed")] },
      ["repeated", undefined],
    ],
    [
      "what uses a call that failed before",
      [call("c5", { n: 1 }), using("c6", "c5")],
      { earlier: [earlier("c1", "failed")] },
      ["repeated", "dependency_failed"],
    ],
    [
      "an id given anew, which names its own call",
      [using("c1", "c1")],
      { earlier: [earlier("c1", "committed")] },
      ["bad_reference"],
    ],
  ])("%s", (_what, calls, rules, expected) => {
    expect(codes(calls, rules)).toEqual(expected);
  });

  it("cuts 200 calls to the limit", () => {
    const calls = Array.from({ length: 200 }, (_, index) => call(`c${index + 1}`, { n: index }));
    expect(codes(calls).filter((code) => code === undefined)).toHaveLength(8);
    expect(codes(calls).filter((code) => code === "limit")).toHaveLength(192);
  });

  it("says in words what is wrong with a reference", () => {
    const [, verdict] = judgeCalls([call("c1"), using("c2", "c9")], RULES);
    expect(verdict?.denial?.errorMessage).toBe("it refers to the result of c9, and there is no such call");
  });
});
