/** JSONTestSuite through every door: as a whole body, as a value within one, and as text. */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { sharedDataPath } from "@forerun/testing/shared-data";
import { skipWithoutData } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect } from "vitest";
import { openDoors } from "./support/chat-doors.ts";
import { ROOT, type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { type GrpcDoor, openGrpcDoor } from "./support/grpc-door.ts";
import { postChat, postConnect, postConnectStream } from "./support/http-door.ts";
import { inPool } from "./support/in-pool.ts";
import { answerOf, expectRefused, type Outcome } from "./support/outcome.ts";
import { scenario } from "./support/scenario.ts";
import { expectStillRight } from "./support/still-right.ts";

const SUITE = "f_payloads/jsontestsuite.jsonl";
const WIDTH = 8;

/** `y` is JSON, `n` is none, `i` is for each parser to decide. */
type Case = { name: string; expect: "y" | "n" | "i"; bytes: Buffer };

/** JSON by its grammar, but no JSON of a protobuf message: a name stands twice in one object. */
const DOUBLED_NAMES = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];

const MALFORMED = { status: "invalid_argument", code: "FR-E1305" };

skipWithoutData(SUITE)("JSON of every kind", () => {
  let forerun: RunningForerun;
  let grpc: GrpcDoor;
  let cases: Case[];

  beforeAll(async () => {
    const lines = readFileSync(sharedDataPath(SUITE), "utf8").trim().split("\n");
    cases = lines.map((line) => {
      const { name, expect: verdict, b64 } = JSON.parse(line);
      return { name, expect: verdict, bytes: Buffer.from(b64, "base64") };
    });
    forerun = await startForerun({ TOOLS_DIR: join(ROOT, "tests/fixtures/echo/tools") });
    grpc = openGrpcDoor(forerun.ready.grpc);
  });

  afterAll(async () => {
    grpc[Symbol.dispose]();
    await forerun[Symbol.asyncDispose]();
  });

  const http = () => forerun.ready.http;

  /** The value as the one tool echoes it that takes any. */
  async function echoed(json: Uint8Array): Promise<Outcome<unknown>> {
    const [head, tail] = ['{"call":{"call_id":"c","name":"echo_value","arguments":{"value":', "}}}"];
    const body = Buffer.concat([Buffer.from(head), json, Buffer.from(tail)]);
    type Event = { result?: { output: { value: unknown } }; failure?: { code: string; message: string } };
    const outcome = await postConnectStream<Event>(http(), "forerun.tool.v1.ToolService/Execute", body);
    if (outcome.kind === "refusal") return outcome;
    const { result, failure } = outcome.value.at(-1) ?? {};
    if (result) return { kind: "answer", value: result.output.value };
    const { code = "", message = "" } = failure ?? {};
    return { kind: "refusal", status: code, http: undefined, code: "", cause: message, fix: message };
  }

  scenario("input.json", async () => {
    expect(
      cases
        .map((one) => one.expect)
        .sort()
        .join(""),
    ).toMatch(/^i{30,}n{150,}y{80,}$/);
    await inPool(cases, WIDTH, async ({ name, expect: verdict, bytes }) => {
      const outcomes = [
        await postChat(http(), bytes),
        await postConnect(http(), "forerun.chat.v1.ChatService/Ask", bytes),
      ];
      for (const outcome of outcomes) {
        // None of them is a question: what can be read is refused for its fields.
        const code = verdict === "n" ? "FR-E1305" : expect.stringMatching(/^FR-E130[15]$/);
        expect([name, outcome]).toEqual([
          name,
          expect.objectContaining({ kind: "refusal", http: 400, code }),
        ]);
      }
      expectRefused(await grpc.send(ChatService.method.ask, bytes), {
        status: "invalid_argument",
        code: expect.stringMatching(/^FR-E130[15]$/) as unknown as string,
      });
    });
  });

  scenario("input.json", async () => {
    await inPool(cases, WIDTH, async ({ name, expect: verdict, bytes }) => {
      const outcome = await echoed(bytes);
      const isTaken = verdict === "y" && !DOUBLED_NAMES.includes(name);
      if (outcome.kind === "refusal") {
        expect([name, isTaken]).toEqual([name, false]);
        // A number past a double is JSON by its grammar: the tool's check refuses it, in words for a model.
        if (outcome.status !== "invalid_arguments" || verdict !== "i") expectRefused(outcome, MALFORMED);
      } else {
        expect([name, verdict]).not.toEqual([name, "n"]);
        expect(JSON.stringify(outcome.value)).toBe(JSON.stringify(JSON.parse(bytes.toString())));
      }
    });
  });

  scenario("input.json", async () => {
    const valid = cases.filter((one) => one.expect === "y");
    await inPool(valid, WIDTH, async ({ name, bytes }) => {
      const value = JSON.parse(bytes.toString());
      const call = { callId: "c", name: "echo_value", arguments: { value } };
      const events = answerOf(await grpc.stream(ToolService.method.execute, { call }));
      const last = events.at(-1)?.event;
      if (last?.case !== "result" || !last.value.output) throw new Error(`${name}: ${last?.case}`);
      const output = toJson(ValueSchema, last.value.output);
      expect([name, JSON.stringify(output)]).toEqual([name, JSON.stringify({ value })]);
    });
  });

  scenario("input.json", async () => {
    const isText = (bytes: Buffer) => isUtf8(bytes) && bytes.length > 0 && !bytes.includes(0);
    const texts = cases.filter(({ bytes }) => isText(bytes)).map(({ bytes }) => bytes.toString());
    expect(texts.length).toBeGreaterThan(250);
    const history = texts.map((content) => ({ role: "user", content }));
    for (const { name, ask } of openDoors(http(), grpc)) {
      const { conversation_id } = answerOf(await ask({ text: "And now?", history }));
      const request = { conversationId: conversation_id, pageSize: 500 };
      const { messages } = answerOf(await grpc.call(ChatService.method.listMessages, request));
      const kept = messages.filter(({ role }) => role === "user").map(({ text }) => text);
      expect([name, kept]).toEqual([name, [...texts, "And now?"]]);
    }
    await expectStillRight(http());
  });
});
