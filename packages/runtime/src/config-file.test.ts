import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "./config-fault.ts";
import { DEFAULT_CONFIG_FILE, parseConfigFile, readConfigFile } from "./config-file.ts";

const lines = (...text: string[]) => text.join("\n");

function faultsOf(text: string): string[] {
  try {
    parseConfigFile(text, "forerun.yaml");
  } catch (fault) {
    if (!(fault instanceof ConfigError)) throw fault;
    return fault.faults.map(({ code, where, key, problem }) => `${code} ${where} ${key}: ${problem}`);
  }
  return [];
}

describe("forerun.yaml", () => {
  it("is all defaults when it is empty", () => {
    expect(parseConfigFile("", "forerun.yaml").config).toMatchObject({
      speculation: { enabled: true, answer: false, min_p_tool: 0.5, min_p_arguments: 0.6, max_per_turn: 2 },
      tools: { enabled: ["*"] },
      limits: { message_bytes: 262_144, max_model_calls: 2, max_tool_calls: 8, deadline: 60_000 },
    });
  });

  it("gives durations in milliseconds", () => {
    const { config } = parseConfigFile("tools: {get_weather: {timeout: 3s, cache_ttl: 10m}}", "forerun.yaml");
    expect(config.tools.get_weather).toEqual({ timeout: 3_000, cache_ttl: 600_000 });
  });

  it("knows the line of each key, in lists too", () => {
    const text = lines("models:", "  tiers:", "    answer:", "      - url: http://a/v1", "        model: m");
    const { lines: places } = parseConfigFile(text, "forerun.yaml");
    expect(places.get("models.tiers.answer")).toBe(3);
    expect(places.get("models.tiers.answer[0].model")).toBe(5);
  });

  it("says what a duration looks like and which one was probably meant", () => {
    expect(faultsOf(lines("limits:", "  max_tool_calls: 4", "tools:", "  timeout: 8OOms"))).toEqual([
      'FR-E1203 forerun.yaml:4 tools.timeout: expected a duration such as 800ms, 10s or 5m, got "8OOms" … did you mean 800ms?',
    ]);
  });

  it("takes an unknown key for an error and suggests the nearest known one", () => {
    expect(faultsOf(lines("limits:", "  dedline: 5s", "specultion: {}"))).toEqual([
      "FR-E1201 forerun.yaml:2 limits.dedline: unknown key … did you mean limits.deadline?",
      "FR-E1201 forerun.yaml:3 specultion: unknown key … did you mean speculation?",
    ]);
  });

  it("lists the known keys where none is near", () => {
    expect(faultsOf("limits: {zzz: 1}")[0]).toContain(
      "(known: message_bytes, max_model_calls, max_tool_calls, deadline, queued_turns)",
    );
  });

  it("places a missing key at what should hold it", () => {
    expect(faultsOf(lines("models:", "  tiers:", "    route:", "      - url: http://a/v1"))).toEqual([
      "FR-E1203 forerun.yaml:4 models.tiers.route[0].model: expected a text, got nothing",
    ]);
  });

  it("refuses a secret in place of a reference, without repeating it", () => {
    const [fault] = faultsOf("models: {tiers: {answer: [{url: http://a/v1, model: m, key: sk-123}]}}");
    expect(fault).toContain("env:NAME or file:PATH");
    expect(fault).not.toContain("sk-123");
  });

  it.each(["a: [", "a: 1\na: 2", "\t- x"])("places a fault of syntax (%j)", (text) => {
    expect(faultsOf(text)[0]).toMatch(/^FR-E1203 forerun\.yaml:\d+ syntax: expected YAML/);
  });
});

describe("readConfigFile", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "forerun-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("reads a file from its path", () => {
    const path = join(folder, "staging.yaml");
    writeFileSync(path, "limits: {max_tool_calls: 3}");
    expect(readConfigFile(path).limits.max_tool_calls).toBe(3);
  });

  it("does without a file at the default place", () => {
    expect(readConfigFile(DEFAULT_CONFIG_FILE).limits.max_tool_calls).toBe(8);
  });

  it("does not do without a file that somebody named", () => {
    expect(() => readConfigFile(join(folder, "missing.yaml"))).toThrow(
      /missing\.yaml {2}CONFIG: expected a readable file/,
    );
  });
});
