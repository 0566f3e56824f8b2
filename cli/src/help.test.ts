import { describe, expect, it } from "vitest";
import { recordingTerminal } from "./fixtures.ts";
import { buildProgram } from "./program.ts";

const GROUPS = [[], ["chat"], ["turn"], ["turn", "show"], ["route"], ["tool"], ["tool", "call"], ["ingest"]];
const MORE = [
  ["start"],
  ["doctor"],
  ["migrate"],
  ["memory"],
  ["memory", "search"],
  ["config"],
  ["config", "explain"],
  ["eval"],
  ["eval", "run"],
  ["eval", "calibrate"],
  ["load"],
  ["status"],
];

async function help(path: readonly string[]): Promise<string> {
  const { terminal, stdout } = recordingTerminal();
  const program = buildProgram({ env: {}, terminal, interrupt: new AbortController().signal });
  expect(await program.run([...path, "--help"])).toBe(0);
  return stdout();
}

describe.each([...GROUPS, ...MORE].map((path) => [`forerun ${path.join(" ")}`.trim(), path] as const))(
  "%s --help",
  (_name, path) => {
    it("begins with two examples and fits into 24 lines of 80 columns", async () => {
      const lines = (await help(path)).trimEnd().split("\n");
      expect(lines.slice(0, 2).every((line) => line.includes("npx forerun"))).toBe(true);
      expect(lines[2]).toBe("");
      expect(lines.length).toBeLessThanOrEqual(24);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    });
  },
);
