/** The big list of naughty strings, as everything that a request lets a caller write. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { sharedDataPath } from "@forerun/testing/shared-data";
import { skipWithoutData } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect } from "vitest";
import { openDoors } from "./support/chat-doors.ts";
import { ROOT, type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { type GrpcDoor, openGrpcDoor } from "./support/grpc-door.ts";
import { postConnect, postConnectStream } from "./support/http-door.ts";
import { inPool } from "./support/in-pool.ts";
import { logLines } from "./support/log-lines.ts";
import { answerOf, expectRefused } from "./support/outcome.ts";
import { scenario } from "./support/scenario.ts";
import { expectStillRight } from "./support/still-right.ts";

const LIST = "f_payloads/blns.json";
const BAD_FIELD = { status: "invalid_argument", code: "FR-E1301" };
/** Requests at one time. */
const WIDTH = 8;
const WITHIN_MS = 300_000;

skipWithoutData(LIST)("naughty strings", () => {
  let forerun: RunningForerun;
  let grpc: GrpcDoor;
  let strings: string[];
  let said: string[];

  beforeAll(async () => {
    strings = JSON.parse(readFileSync(sharedDataPath(LIST), "utf8"));
    // The list holds one empty string, which no message may be.
    said = strings.filter((text) => text !== "");
    forerun = await startForerun({ LOG_LEVEL: "info", TOOLS_DIR: join(ROOT, "tests/fixtures/echo/tools") });
    grpc = openGrpcDoor(forerun.ready.grpc);
  });

  afterAll(async () => {
    grpc[Symbol.dispose]();
    await forerun[Symbol.asyncDispose]();
  });

  async function messagesOf(conversationId: string): Promise<string[]> {
    const texts: string[] = [];
    for (let pageToken = ""; ; ) {
      const request = { conversationId, pageSize: 500, pageToken };
      const page = answerOf(await grpc.call(ChatService.method.listMessages, request));
      texts.push(...page.messages.filter(({ role }) => role === "user").map(({ text }) => text));
      if (page.nextPageToken === "") return texts;
      pageToken = page.nextPageToken;
    }
  }

  const countOf = (msg: string) => logLines(forerun.stderr()).filter((line) => line.msg === msg).length;

  scenario("input.strings", async () => {
    expect(said.length).toBeGreaterThan(500);
    for (const door of openDoors(forerun.ready.http, grpc)) {
      const history = said.map((content) => ({ role: "user", content }));
      const turn = answerOf(await door.ask({ text: "And now?", history }));
      expect([door.name, turn.state]).toEqual([door.name, "TURN_STATE_COMPLETED"]);
      expect(await messagesOf(turn.conversation_id)).toEqual([...said, "And now?"]);
      expectRefused(await door.ask({ text: "" }), BAD_FIELD);
    }
  });

  scenario(
    "input.strings",
    async () => {
      const doors = openDoors(forerun.ready.http, grpc);
      const before = countOf("turn");
      await inPool(
        doors.flatMap(({ ask }) => said.map((text) => ({ ask, text }))),
        WIDTH,
        async ({ ask, text }) => {
          const turn = answerOf(await ask({ text }));
          expect([text, turn.state]).toEqual([text, "TURN_STATE_COMPLETED"]);
          expect(await messagesOf(turn.conversation_id)).toEqual([text]);
        },
      );
      expect(countOf("turn") - before).toBe(doors.length * said.length);
    },
    WITHIN_MS,
  );

  scenario("input.strings", async () => {
    await inPool(strings, WIDTH, async (title) => {
      const over = await grpc.call(ChatService.method.createConversation, { title });
      // Characters, not UTF-16 units.
      if ([...title].length > 256) expectRefused(over, BAD_FIELD);
      else expect(answerOf(over).conversation?.title).toBe(title);
    });
  });

  scenario("input.strings", async () => {
    const before = countOf("tool call");
    await inPool(strings, WIDTH, async (value) => {
      const call = { name: "echo_value", arguments: { value } };
      const overGrpc = answerOf(
        await grpc.stream(ToolService.method.execute, { call: { ...call, callId: "c" } }),
      );
      expect(overGrpc.at(-1)?.event.value).toMatchObject({
        output: { kind: { value: { fields: { value: { kind: { value } } } } } },
      });
      const overHttp = await postConnectStream(forerun.ready.http, "forerun.tool.v1.ToolService/Execute", {
        call: { ...call, call_id: "c" },
      });
      expect(answerOf(overHttp).at(-1)).toMatchObject({ result: { output: { value } } });
    });
    expect(countOf("tool call") - before).toBe(2 * strings.length);
  });

  scenario("input.strings", async () => {
    await inPool(strings, WIDTH, async (id) => {
      const method = "forerun.chat.v1.ChatService/GetConversation";
      const found = await postConnect(forerun.ready.http, method, { conversation_id: id });
      expectRefused(found, { ...BAD_FIELD, http: 400 });
      expectRefused(await grpc.call(ChatService.method.getTurn, { turnId: id }), BAD_FIELD);
    });
    const log = forerun.stderr();
    const long = strings.filter((text) => text.length > 24);
    expect(long.filter((text) => log.includes(JSON.stringify(text).slice(1, -1)))).toEqual([]);
    await expectStillRight(forerun.ready.http);
  });
});
