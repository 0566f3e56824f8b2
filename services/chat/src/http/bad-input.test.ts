import { readFileSync } from "node:fs";
import { sharedDataPath } from "@forerun/testing/shared-data";
import { skipWithoutData } from "@forerun/testing/skip-without";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EchoChat } from "./fixtures/echo-chat.ts";
import { postJson, startTestFront } from "./fixtures/test-front.ts";
import type { HttpServer } from "./server.ts";
import { parseStrictJson } from "./strict-json.ts";

let server: HttpServer;
beforeAll(async () => {
  server = await startTestFront(new EchoChat().implementation, {
    limits: { bodyBytes: 4_194_304, jsonDepth: 64 },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const FRONTS = ["/chat", "/v1/chat/completions"];
const JSON_SUITE = "f_payloads/jsontestsuite.jsonl";
const NAUGHTY_STRINGS = "f_payloads/blns.json";

type Case = { name: string; expect: "y" | "n" | "i"; b64: string };
const cases = (): Case[] =>
  readFileSync(sharedDataPath(JSON_SUITE), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Case);

skipWithoutData(JSON_SUITE)("JSONTestSuite", () => {
  it.each(FRONTS)("%s refuses every text that is no JSON with 400, and none with a 5xx", async (path) => {
    const statuses = new Map<string, number>();
    for (const { name, b64 } of cases()) {
      const response = await postJson(`${server.url}${path}`, Buffer.from(b64, "base64"));
      await response.arrayBuffer();
      statuses.set(name, response.status);
    }
    expect(statuses.size).toBe(318);
    // A whole array or number is no turn, so here valid JSON is refused too; the parser alone is judged below.
    expect([...statuses].filter(([, status]) => status !== 400)).toEqual([]);
  });

  it("parses what is JSON, but for doubled names, and nothing else", () => {
    const wrong = cases().filter(
      ({ expect: verdict, b64 }) => verdict !== "i" && parses(b64) !== (verdict === "y"),
    );
    expect(cases().filter((one) => one.expect === "n")).toHaveLength(188);
    expect(wrong.map(({ name }) => name)).toEqual([
      "y_object_duplicated_key.json",
      "y_object_duplicated_key_and_value.json",
    ]);
  });
});

function parses(b64: string): boolean {
  try {
    parseStrictJson(Buffer.from(b64, "base64"), 64);
    return true;
  } catch {
    return false;
  }
}

skipWithoutData(NAUGHTY_STRINGS)("the big list of naughty strings", () => {
  it("comes back equal to the byte as message, or is refused", async () => {
    const strings = JSON.parse(readFileSync(sharedDataPath(NAUGHTY_STRINGS), "utf8")) as string[];
    expect(strings.length).toBeGreaterThan(500);
    let equal = 0;
    for (const text of strings) {
      const response = await postJson(`${server.url}/chat`, { text });
      const body = (await response.json()) as { text?: string };
      if (response.status === 200) expect(body.text).toBe(text);
      else expect([response.status, text.trim()]).toEqual([400, ""]);
      equal += Number(response.status === 200);
    }
    expect(equal).toBeGreaterThan(500);
  });

  it("as a conversation id is refused, never a fault", async () => {
    const strings = JSON.parse(readFileSync(sharedDataPath(NAUGHTY_STRINGS), "utf8")) as string[];
    for (const conversation_id of strings.filter((one) => one.trim())) {
      const response = await postJson(`${server.url}/chat`, { text: "a", conversation_id });
      await response.arrayBuffer();
      expect(response.status).toBe(400);
    }
  });
});

describe("hostile JSON", () => {
  const deep = (depth: number): string =>
    `{"text":"a","response_schema":${'{"a":'.repeat(depth - 1)}1${"}".repeat(depth - 1)}}`;
  const bytes = (...parts: (string | number[])[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

  it.each([
    ["nesting of 65", deep(65)],
    ["nesting of 100,000", deep(100_000)],
    ["300,000 names", `{${Array.from({ length: 300_000 }, (_, at) => `"k${at}":1`).join()}}`],
    ["__proto__", '{"text":"a","__proto__":{"x":1}}'],
    ["a doubled name", '{"text":"a","text":"b"}'],
    ["1e400", '{"text":"a","limits":{"deadline_ms":1e400}}'],
    ["2^63", '{"text":"a","limits":{"deadline_ms":9223372036854775808}}'],
    ["a float for a count", '{"text":"a","limits":{"max_tool_calls":1.5}}'],
    ["half a surrogate pair", '{"text":"\\ud800"}'],
    ["invalid UTF-8", bytes('{"text":"', [0xc3, 0x28], '"}')],
    ["an overlong slash", bytes('{"text":"', [0xc0, 0xaf], '"}')],
    ["UTF-16", Buffer.from('{"text":"a"}', "utf16le")],
    ["a byte order mark", bytes([0xef, 0xbb, 0xbf], '{"text":"a"}')],
    ["a NUL after the text", '{"text":"a"}\0'],
    ["nothing", ""],
    ["null", "null"],
    ["an unknown field", '{"text":"a","txet":"b"}'],
  ])("%s is a 400 with a code, for less than 100 ms of processor time", async (_name, body) => {
    const begun = process.cpuUsage();
    const response = await postJson(`${server.url}/chat`, body);
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(100);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "invalid_argument",
      details: [{ reason: expect.stringMatching(/^FR-E130[15]$/) }],
    });
  });

  it("never makes the server fail, whatever bytes are changed, dropped or doubled", async () => {
    const bodies: Record<string, object> = {
      "/chat": { text: "a", limits: { deadline_ms: 5 }, tool_choice: "none", allowed_tools: ["x"] },
      "/v1/chat/completions": {
        model: "forerun",
        messages: [
          { role: "user", content: "a" },
          {
            role: "assistant",
            tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }],
          },
          { role: "tool", tool_call_id: "c", content: "b" },
        ],
        tools: [{ type: "function", function: { name: "f", parameters: {} } }],
        response_format: { type: "json_object" },
        max_tokens: 5,
      },
    };
    const edit = fc.record({
      path: fc.constantFrom(...FRONTS),
      at: fc.nat(400),
      drop: fc.nat(4),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 4 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
    });
    const property = fc.asyncProperty(edit, async ({ path, at, drop, insert }) => {
      const body = Buffer.from(JSON.stringify(bodies[path]));
      const mutated = Buffer.concat([body.subarray(0, at), insert, body.subarray(at + drop)]);
      const response = await postJson(`${server.url}${path}`, mutated);
      await response.arrayBuffer();
      expect([200, 400, 404]).toContain(response.status);
    });
    await fc.assert(property, { numRuns: 1_000, seed: 1 });
  });

  it("a schema nested 30 levels deep is accepted", async () => {
    expect((await postJson(`${server.url}/chat`, deep(30))).status).toBe(200);
  });
});
