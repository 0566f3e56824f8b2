import { create } from "@bufbuild/protobuf";
import { type Turn, TurnSchema, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { describe, expect, it } from "vitest";
import { labelOfTurn } from "./label-of-turn.ts";

const call = (callId: string, name = "calculator") => ({ callId, name, arguments: { of: callId } });
const record = (callId: string, outcome: Outcome, early = false) => ({ call: call(callId), outcome, early });
const expected = (...ids: string[]) => ids.map((id) => ({ name: "calculator", arguments: { of: id } }));

type Told = Partial<{ state: TurnState; decision: object | undefined; toolCalls: object[] }>;

function turn({ state = TurnState.COMPLETED, toolCalls = [], ...rest }: Told): Turn {
  const decision = "decision" in rest ? rest.decision : { action: "answer" };
  const decided = decision && { tier: 1, reason: "model", ...decision };
  return create(TurnSchema, { state, toolCalls, ...(decided ? { decision: decided } : {}) });
}

describe("the label of a turn", () => {
  it("is the calls that a model decided for", () => {
    const decided = turn({ decision: { action: "call", calls: [call("a"), call("b")] } });
    expect(labelOfTurn(decided)).toEqual({ kind: "label", expected: expected("a", "b") });
  });

  it.each(["answer", "refuse"])("is no tool where it decided to %s", (action) => {
    expect(labelOfTurn(turn({ decision: { action } }))).toEqual({ kind: "label", expected: [] });
  });

  it("counts the calls of earlier rounds, but not what was guessed and thrown away", () => {
    const toolCalls = [
      record("a", Outcome.HIT, true),
      record("b", Outcome.MISS, true),
      record("c", Outcome.CANCELLED, true),
      record("d", Outcome.FAILED),
    ];
    expect(labelOfTurn(turn({ toolCalls }))).toEqual({ kind: "label", expected: expected("a", "d") });
  });

  it.each<[string, Told]>([
    ["not completed", { state: TurnState.CANCELLED }],
    ["without a decision", { decision: undefined }],
    ["decided by tier 0", { decision: { action: "answer", tier: 0 } }],
    ["a fallback", { decision: { action: "answer", tier: 0, fallbackReason: "model_failed" } }],
    [
      "a fallback",
      { decision: { action: "call", calls: [call("a")], fallbackReason: "a call was refused" } },
    ],
    ["a question back", { decision: { action: "clarify" } }],
    ["an unclear round", { toolCalls: [record("a", Outcome.FAILED, true)] }],
  ])("is none where the turn is %s", (why, told) => {
    expect(labelOfTurn(turn(told))).toEqual({ kind: "none", why });
  });
});
