import { describe, expect, it } from "vitest";
import { parseDecision } from "./decision-json.ts";

const CALL = {
  thought: "t",
  action: "call",
  calls: [{ id: "c1", tool: "calculator", args: { expression: "1" } }],
};
const text = JSON.stringify(CALL);

describe("a model's decision", () => {
  it.each([
    ["plain JSON", text],
    ["JSON with space around it", `\n ${text}\n`],
    ["a fenced block", `\`\`\`json\n${text}\n\`\`\``],
    ["a fence without a language", `\`\`\`\n${text}\n\`\`\``],
    ["a block of thoughts before it", `<think>17% …</think>\n${text}`],
    ["keys that it adds", JSON.stringify({ ...CALL, mood: "good" })],
  ])("is read from %s", (_, written) => {
    expect(parseDecision(written)).toEqual({ kind: "parsed", decision: { ...CALL, text: "" } });
  });

  it("needs neither thought nor text nor calls to answer", () => {
    const answer = { thought: "", action: "answer", calls: [], text: "" };
    expect(parseDecision('{"action":"answer"}')).toEqual({ kind: "parsed", decision: answer });
    expect(parseDecision('{"action":"answer","calls":null,"text":null}')).toMatchObject({ decision: answer });
  });

  it.each([
    ["nothing", "", "malformed_json"],
    ["prose", "I think you should call the calculator.", "malformed_json"],
    ["JSON that breaks off", text.slice(0, -2), "malformed_json"],
    ["two decisions", `${text}\n${text}`, "malformed_json"],
    ["JSON after prose", `Sure! ${text}`, "malformed_json"],
    ["a list", "[]", "off_schema"],
    ["null", "null", "off_schema"],
    ["another action", '{"action":"execute"}', "off_schema"],
    ["no action", '{"calls":[]}', "off_schema"],
    ["calls that are no list", '{"action":"call","calls":{}}', "off_schema"],
    ["arguments that are no object", '{"action":"call","calls":[{"tool":"a","args":"1"}]}', "off_schema"],
    ["a call without a tool", '{"action":"call","calls":[{"args":{}}]}', "off_schema"],
    ["65 levels", nested(65), "off_schema"],
    ["a million levels", nested(20_000), "off_schema"],
    ["70,000 characters", JSON.stringify({ ...CALL, thought: "x".repeat(70_000) }), "too_long"],
  ])("is unusable as %s", (_, written, cause) => {
    const parsed = parseDecision(written);
    expect(parsed.kind).toBe("unusable");
    expect(parsed).toMatchObject({ reason: expect.stringMatching(new RegExp(`^${cause}: `)) });
  });
});

it("reads hostile texts in linear time", () => {
  const begun = performance.now();
  for (const hostile of [
    `\`\`\`\n${" ".repeat(60_000)}x`,
    `<think>${"<think>".repeat(9_000)}`,
    "[".repeat(60_000),
  ]) {
    expect(parseDecision(hostile).kind).toBe("unusable");
  }
  expect(performance.now() - begun).toBeLessThan(500);
});

function nested(levels: number): string {
  return `{"action":"call","calls":${"[".repeat(levels)}${"]".repeat(levels)}}`;
}
