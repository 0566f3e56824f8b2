/** The whole product as a person starts it, seen through every front. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "@forerun/components/binaries";
import { skipWithout } from "@forerun/testing/skip-without";
import { credentials, loadPackageDefinition, type ServiceError } from "@grpc/grpc-js";
import { load } from "@grpc/proto-loader";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { ROOT, type RunningForerun, runForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

const QUESTION = "17% of 2400, and what time is it in Oslo?";

let forerun: RunningForerun;

beforeAll(async () => {
  forerun = await startForerun({ LOG_LEVEL: "info" });
});

afterAll(async () => {
  await forerun[Symbol.asyncDispose]();
});

type JsonTurn = {
  turn_id: string;
  conversation_id: string;
  state: string;
  text: string;
  tool_calls: { call: { name: string; arguments: Record<string, unknown> }; outcome: string }[];
};

/** What a right answer to the question looks like, whoever asked. */
function expectRight(turn: JsonTurn): void {
  expect(turn.state).toBe("TURN_STATE_COMPLETED");
  expect(turn.tool_calls.map(({ call }) => call.name).sort()).toEqual(["calculator", "current_time"]);
  expect(turn.tool_calls.map(({ outcome }) => outcome)).toEqual(["OUTCOME_COMMITTED", "OUTCOME_COMMITTED"]);
  expectRightText(turn.text);
}

function expectRightText(text: string): void {
  expect(text).toMatch(/\b408\b/);
  expect(text).toMatch(/\d{1,2}[:.]\d{2}/);
  expect(text).toContain("Oslo");
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${forerun.ready.http}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

describe("one process", () => {
  scenario("start.two-commands", async () => {
    expect(forerun.ready).toMatchObject({ event: "ready", model: null, store: "pglite", bus: "in-process" });
  });

  scenario("start.ready-line", async () => {
    const { http, grpc, metrics, pid, ms } = forerun.ready;
    expect(pid).toBe(forerun.child.pid);
    expect(ms).toBeGreaterThan(0);
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    expect((await fetch(metrics)).status).toBe(200);
    const [host, port] = grpc.split(":");
    const socket = connect({ host: host ?? "", port: Number(port) });
    await once(socket, "connect");
    socket.destroy();
  });

  scenario("turn.main-job", async () => {
    const turn = (await (await post("/chat", { text: QUESTION })).json()) as JsonTurn;
    expectRight(turn);
  });

  scenario("front.chat-json", async () => {
    const response = await post("/chat", { text: QUESTION });
    expect(response.status).toBe(200);
    expectRight((await response.json()) as JsonTurn);
  });

  scenario("front.chat-sse", async () => {
    const body = { text: QUESTION, idempotency_key: "sse-1" };
    const whole = await (await post("/chat", body, { accept: "text/event-stream" })).text();
    const ids = [...whole.matchAll(/^id: (\d+\.\d+)$/gm)].map((match) => match[1] ?? "");
    expect(ids.length).toBeGreaterThan(5);
    expect(ids).toEqual(ids.map((_, index) => `1.${index + 1}`));
    expect(whole).toMatch(/^event: turn_completed$/m);
    const cut = ids[3] ?? "";
    const resumed = await post("/chat", body, { accept: "text/event-stream", "last-event-id": cut });
    const rest = [...(await resumed.text()).matchAll(/^id: (\d+\.\d+)$/gm)].map((match) => match[1]);
    expect(rest).toEqual(ids.slice(4));
  });

  scenario("front.connect", async () => {
    const response = await post("/forerun.chat.v1.ChatService/Ask", { input: { text: QUESTION } });
    expect(response.status).toBe(200);
    const { turn } = (await response.json()) as { turn: { state: string; text: string } };
    expect(turn.state).toBe("TURN_STATE_COMPLETED");
    expectRightText(turn.text);
  });

  scenario("front.grpc", async () => {
    const definition = await load("forerun/chat/v1/chat.proto", {
      includeDirs: [join(ROOT, "proto"), join(ROOT, "proto/vendor")],
      keepCase: true,
      enums: String,
    });
    // biome-ignore lint/suspicious/noExplicitAny: a client made at run time has no types
    const { ChatService } = (loadPackageDefinition(definition) as any).forerun.chat.v1;
    const client = new ChatService(forerun.ready.grpc, credentials.createInsecure());
    try {
      const { turn } = await new Promise<{ turn: JsonTurn }>((resolve, reject) => {
        client.Ask({ input: { text: QUESTION } }, (error: ServiceError | null, answer: { turn: JsonTurn }) =>
          error ? reject(error) : resolve(answer),
        );
      });
      expectRight(turn);
    } finally {
      client.close();
    }
  });

  scenario("front.openai", async () => {
    const openai = new OpenAI({ baseURL: `${forerun.ready.http}/v1`, apiKey: "unused", maxRetries: 0 });
    const messages = [{ role: "user" as const, content: QUESTION }];
    const whole = await openai.chat.completions.create({ model: "forerun", messages });
    expectRightText(whole.choices[0]?.message.content ?? "");
    expect(whole.choices[0]?.finish_reason).toBe("stop");
    let streamed = "";
    for await (const chunk of await openai.chat.completions.create({
      model: "forerun",
      messages,
      stream: true,
    })) {
      streamed += chunk.choices[0]?.delta.content ?? "";
    }
    expectRightText(streamed);
  });

  scenario("front.cli", async () => {
    const env = { FORERUN_URL: forerun.ready.http };
    const chat = await runForerun(["chat", QUESTION], env);
    expect(chat.code).toBe(0);
    expectRightText(chat.stdout);
    const show = await runForerun(["turn", "show", "last"], env);
    expect(show.code).toBe(0);
    expect(show.stdout).toContain("calculator");
    expect(show.stdout).toContain("current_time");
    for (const line of show.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  scenario("api.unimplemented", async () => {
    const { readFile } = await import("node:fs/promises");
    const api = await readFile(join(ROOT, "docs/api.md"), "utf8");
    const id = "01890000-0000-7000-8000-000000000000";
    const refused: [string, unknown, string][] = [
      ["ForkConversation", { conversation_id: id, message_id: id }, "ForkConversation"],
      ["CreateFeedback", { turn_id: id, rating: 1 }, "CreateFeedback"],
      ["ResolveInterrupts", { turn_id: id }, "ResolveInterrupts"],
      ["SubmitToolOutputs", { turn_id: id }, "SubmitToolOutputs"],
    ];
    for (const [method, body, listed] of refused) {
      const response = await post(`/forerun.chat.v1.ChatService/${method}`, body);
      expect([method, response.status]).toEqual([method, 501]);
      expect(await response.text()).toContain("FR-E1303");
      expect(api).toContain(listed);
    }
  });

  scenario("front.no-content-in-logs", async () => {
    await post("/chat", { text: "the zanzibar canary is 470011470011 times 3" });
    expect(forerun.stderr()).not.toMatch(/zanzibar|470011470011|1410034410033/);
    for (const line of forerun.stderr().split("\n").filter(Boolean))
      expect(() => JSON.parse(line)).not.toThrow();
  });

  scenario("fault.second-process", async () => {
    await using first = await startForerun();
    const second = await runForerun(["start"], {
      DATA_DIR: first.dataDir,
      PORT: "0",
      GRPC_PORT: "0",
      METRICS_ADDR: "127.0.0.1:0",
    });
    expect(second.code).toBe(3);
    expect(second.stderr).toContain("FR-E1102");
    const response = await fetch(`${first.ready.http}/healthz`);
    expect(response.status).toBe(200);
  });

  scenario("stop.drain", async () => {
    const other = await startForerun();
    expect(await other.stop("SIGTERM")).toBe(0);
    await other[Symbol.asyncDispose]();
  });

  scenario("tools.off", async () => {
    await using bare = await startForerun({ FORERUN_TOOLS: "off" });
    const response = await fetch(`${bare.ready.http}/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: QUESTION }),
    });
    const turn = (await response.json()) as JsonTurn;
    expect(turn.state).toBe("TURN_STATE_COMPLETED");
    expect(turn.tool_calls).toEqual([]);
  });
});

skipWithout("grpcurl")("grpcurl", () => {
  const run = promisify(execFile);

  scenario("front.reflection", async () => {
    const grpcurl = findBinary("grpcurl");
    const list = await run(grpcurl, ["-plaintext", forerun.ready.grpc, "list"]);
    expect(list.stdout).toContain("forerun.chat.v1.ChatService");
    expect(list.stdout).toContain("grpc.health.v1.Health");
    const request = JSON.stringify({ input: { text: QUESTION } });
    const asked = await run(grpcurl, [
      "-plaintext",
      "-d",
      request,
      forerun.ready.grpc,
      "forerun.chat.v1.ChatService/Ask",
    ]);
    expectRightText(asked.stdout);
  });
});
